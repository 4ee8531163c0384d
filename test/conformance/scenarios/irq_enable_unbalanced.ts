// scenario: irq_enable_unbalanced
// family: irq
// context: process
// what: enable_irq without disable_irq
import { EIO } from 'ringzero/linux/errno';
import { enable_irq, free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_irq_del, orc_irq_new } from './oracle.js';

const h = (): irqreturn_t => IRQ_HANDLED;
const a = {};

function run(): number {
  const irq = orc_irq_new();
  if (request_irq(irq, h, 0, 'o', a) !== 0) return -EIO;
  enable_irq(irq);
  free_irq(irq, a);
  orc_irq_del(irq);
  return 0;
}

ORACLE_MODULE(run);
