// scenario: alloc_krealloc_spin
// family: alloc
// context: spinlock
// what: krealloc that need not grow, GFP_KERNEL, under a spinlock
import { GFP_KERNEL, kfree, kmalloc, krealloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  let p = kmalloc(64, GFP_KERNEL);
  spin_lock(l);
  p = krealloc(p, 32, GFP_KERNEL);
  spin_unlock(l);
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
