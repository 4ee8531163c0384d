// scenario: alloc_nowait_mutex
// family: alloc-context
// context: mutex
// what: kmalloc(64, GFP_NOWAIT) in context: mutex
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { GFP_NOWAIT, kfree, kmalloc } from 'ringzero/linux/slab';
import { ORACLE_MODULE, say } from './oracle.js';

const m = DEFINE_MUTEX('m');

function run(): number {
  mutex_lock(m);
  const p = kmalloc(64, GFP_NOWAIT);
  mutex_unlock(m);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
