// scenario: free_vfree_atomic_spin
// family: free
// context: spinlock
// what: vfree_atomic is not exported; kvfree of a kmalloc object under a spinlock
import { GFP_KERNEL, kvfree, kvmalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  const p = kvmalloc(64, GFP_KERNEL);
  spin_lock(l);
  kvfree(p);
  spin_unlock(l);
  return 0;
}

ORACLE_MODULE(run);
