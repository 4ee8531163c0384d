// scenario: irq_shared_null_devid
// family: irq
// context: process
// what: IRQF_SHARED with dev_id NULL
import { IRQ_HANDLED, IRQF_SHARED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_irq_del, orc_irq_new, say } from './oracle.js';

const h = (): irqreturn_t => IRQ_HANDLED;

function run(): number {
  const irq = orc_irq_new();
  const r = request_irq(irq, h, IRQF_SHARED, 'o', null);
  say('request_irq %d', r);
  orc_irq_del(irq);
  return r;
}

ORACLE_MODULE(run);
