// scenario: irq_threaded_null_no_oneshot
// family: irq
// context: process
// what: request_threaded_irq with NULL handler and no IRQF_ONESHOT
import { free_irq, IRQ_HANDLED, type irqreturn_t, request_threaded_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_irq_del, orc_irq_new, say } from './oracle.js';

const t = (): irqreturn_t => IRQ_HANDLED;
const a = {};

function run(): number {
  const irq = orc_irq_new();
  const r = request_threaded_irq(irq, null, t, 0, 'o', a);
  say('request_threaded_irq %d', r);
  if (r === 0) free_irq(irq, a);
  orc_irq_del(irq);
  return r;
}

ORACLE_MODULE(run);
