// scenario: free_kfree_spin
// family: free
// context: spinlock
// what: kfree under spin_lock_irqsave
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock_irqsave, spin_unlock_irqrestore } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  const p = kmalloc(64, GFP_KERNEL);
  const fl = spin_lock_irqsave(l);
  kfree(p);
  spin_unlock_irqrestore(l, fl);
  return 0;
}

ORACLE_MODULE(run);
