// scenario: alloc_nofail_spin
// family: alloc
// context: spinlock
// what: kmalloc(64, GFP_KERNEL|__GFP_NOFAIL) under a spinlock
import { GFP_KERNEL, __GFP_NOFAIL, kfree, kmalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  spin_lock(l);
  const p = kmalloc(64, GFP_KERNEL | __GFP_NOFAIL);
  spin_unlock(l);
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
