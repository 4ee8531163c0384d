// scenario: irq_bad_number
// family: irq
// context: process
// what: request_irq of a line that does not exist
import { IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, say } from './oracle.js';

const h = (): irqreturn_t => IRQ_HANDLED;
const a = {};

function run(): number {
  const r = request_irq(9999, h, 0, 'mine', a);
  say('request_irq(9999) %d', r);
  return r;
}

ORACLE_MODULE(run);
