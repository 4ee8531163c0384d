// scenario: irq_raise_softirq_flag
// family: irq
// context: process
// what: request_irq with IRQF_NO_AUTOEN, enable_irq later
import { EIO } from 'ringzero/linux/errno';
import { enable_irq, free_irq, IRQ_HANDLED, IRQF_NO_AUTOEN, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_fire, orc_irq_del, orc_irq_new, say } from './oracle.js';

const a = { calls: 0 };

function h(): irqreturn_t {
  a.calls++;
  return IRQ_HANDLED;
}

function run(): number {
  const irq = orc_irq_new();
  if (request_irq(irq, h, IRQF_NO_AUTOEN, 'o', a) !== 0) return -EIO;
  orc_fire(irq);
  say('calls before enable %d', a.calls);
  enable_irq(irq);
  orc_fire(irq);
  say('calls after enable %d', a.calls);
  free_irq(irq, a);
  orc_irq_del(irq);
  return 0;
}

ORACLE_MODULE(run);
