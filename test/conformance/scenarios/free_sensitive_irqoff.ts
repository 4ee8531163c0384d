// scenario: free_sensitive_irqoff
// family: free
// context: irqs off
// what: kfree_sensitive with interrupts off
import { local_irq_disable, local_irq_enable } from 'ringzero/linux/irqflags';
import { GFP_KERNEL, kfree_sensitive, kmalloc } from 'ringzero/linux/slab';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const p = kmalloc(64, GFP_KERNEL);
  local_irq_disable();
  kfree_sensitive(p);
  local_irq_enable();
  return 0;
}

ORACLE_MODULE(run);
