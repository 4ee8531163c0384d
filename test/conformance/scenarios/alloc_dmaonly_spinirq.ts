// scenario: alloc_dmaonly_spinirq
// family: alloc-context
// context: spinlock irqsave
// what: kmalloc(64, GFP_DMA) in context: spinlock irqsave
import { GFP_DMA, kfree, kmalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock_irqsave, spin_unlock_irqrestore } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE, say } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  const fl = spin_lock_irqsave(l);
  const p = kmalloc(64, GFP_DMA);
  spin_unlock_irqrestore(l, fl);
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
