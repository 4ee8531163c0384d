// scenario: alloc_dma_irqoff
// family: alloc-context
// context: irqs off
// what: kmalloc(64, GFP_KERNEL | GFP_DMA) in context: irqs off
import { local_irq_disable, local_irq_enable } from 'ringzero/linux/irqflags';
import { GFP_DMA, GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { ORACLE_MODULE, say } from './oracle.js';

function run(): number {
  local_irq_disable();
  const p = kmalloc(64, GFP_KERNEL | GFP_DMA);
  local_irq_enable();
  say('p %s', p !== null ? 'ok' : 'NULL');
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
