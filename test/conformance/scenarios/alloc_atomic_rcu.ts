// scenario: alloc_atomic_rcu
// family: alloc-context
// context: rcu
// what: kmalloc(64, GFP_ATOMIC) in context: rcu
import { rcu_read_lock, rcu_read_unlock } from 'ringzero/linux/rcupdate';
import { GFP_ATOMIC, kfree, kmalloc } from 'ringzero/linux/slab';
import { ORACLE_MODULE, say } from './oracle.js';

function run(): number {
  rcu_read_lock();
  const p = kmalloc(64, GFP_ATOMIC);
  rcu_read_unlock();
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
