// scenario: irq_busy
// family: irq
// context: process
// what: second request_irq of a line without IRQF_SHARED
import { EIO } from 'ringzero/linux/errno';
import { free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_irq_del, orc_irq_new, say } from './oracle.js';

const h = (): irqreturn_t => IRQ_HANDLED;
const a = {};
const b = {};

function run(): number {
  const irq = orc_irq_new();
  if (request_irq(irq, h, 0, 'first', a) !== 0) return -EIO;
  const r = request_irq(irq, h, 0, 'second', b);
  say('second request_irq %d', r);
  free_irq(irq, a);
  orc_irq_del(irq);
  return r;
}

ORACLE_MODULE(run);
