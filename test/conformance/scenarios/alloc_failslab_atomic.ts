// scenario: alloc_failslab_atomic
// family: alloc
// context: spinlock
// what: fault injection fails a GFP_ATOMIC kmalloc under a spinlock (ignore-gfp-wait=N), with its report
import { ENOMEM } from 'ringzero/linux/errno';
import { current } from 'ringzero/linux/sched';
import { GFP_ATOMIC, kfree, kmalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE, say } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  spin_lock(l);
  current.make_it_fail = 1;
  const p = kmalloc(64, GFP_ATOMIC);
  current.make_it_fail = 0;
  spin_unlock(l);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return p !== null ? 0 : -ENOMEM;
}

ORACLE_MODULE(run);
