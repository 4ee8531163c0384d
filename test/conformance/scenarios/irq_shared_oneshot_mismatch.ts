// scenario: irq_shared_oneshot_mismatch
// family: irq
// context: process
// what: shared, one with IRQF_ONESHOT, one without
import { EIO } from 'ringzero/linux/errno';
import { free_irq, IRQ_HANDLED, IRQF_ONESHOT, IRQF_SHARED, type irqreturn_t, request_irq, request_threaded_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_irq_del, orc_irq_new, say } from './oracle.js';

const h = (): irqreturn_t => IRQ_HANDLED;
const a = {};
const b = {};

function run(): number {
  const irq = orc_irq_new();
  if (request_threaded_irq(irq, null, h, IRQF_SHARED | IRQF_ONESHOT, 'first', a) !== 0) return -EIO;
  const r = request_irq(irq, h, IRQF_SHARED, 'second', b);
  say('second %d', r);
  if (r === 0) free_irq(irq, b);
  free_irq(irq, a);
  orc_irq_del(irq);
  return r;
}

ORACLE_MODULE(run);
