// scenario: alloc_kernel_disable_irq
// family: alloc
// context: process
// what: kmalloc GFP_KERNEL between disable_irq and enable_irq of one line
import { EIO } from 'ringzero/linux/errno';
import { disable_irq, enable_irq, free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { ORACLE_MODULE, orc_irq_del, orc_irq_new } from './oracle.js';

const dev = {};

function h(): irqreturn_t {
  return IRQ_HANDLED;
}

function run(): number {
  const irq = orc_irq_new();
  if (request_irq(irq, h, 0, 'o', dev) !== 0) return -EIO;
  disable_irq(irq);
  const p = kmalloc(64, GFP_KERNEL);
  enable_irq(irq);
  kfree(p);
  free_irq(irq, dev);
  orc_irq_del(irq);
  return 0;
}

ORACLE_MODULE(run);
