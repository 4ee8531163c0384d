// scenario: irq_shared_same_devid
// family: irq
// context: process
// what: two shared handlers with the same dev_id: accepted
import { free_irq, IRQ_HANDLED, IRQF_SHARED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_irq_del, orc_irq_new } from './oracle.js';

const h = (): irqreturn_t => IRQ_HANDLED;
const a = {};

function run(): number {
  const irq = orc_irq_new();
  let r = request_irq(irq, h, IRQF_SHARED, 'o1', a);
  r |= request_irq(irq, h, IRQF_SHARED, 'o2', a);
  free_irq(irq, a);
  free_irq(irq, a);
  orc_irq_del(irq);
  return r;
}

ORACLE_MODULE(run);
