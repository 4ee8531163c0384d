// scenario: irq_nonshared_null_devid
// family: irq
// context: process
// what: dev_id NULL without IRQF_SHARED is allowed
import { free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_irq_del, orc_irq_new } from './oracle.js';

const h = (): irqreturn_t => IRQ_HANDLED;

function run(): number {
  const irq = orc_irq_new();
  const r = request_irq(irq, h, 0, 'o', null);
  if (r === 0) free_irq(irq, null);
  orc_irq_del(irq);
  return r;
}

ORACLE_MODULE(run);
