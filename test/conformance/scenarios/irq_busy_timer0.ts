// scenario: irq_busy_timer0
// family: irq
// context: process
// what: request_irq(0): the timer's line
import { IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, say } from './oracle.js';

const h = (): irqreturn_t => IRQ_HANDLED;
const a = {};

function run(): number {
  const r = request_irq(0, h, 0, 'mine', a);
  say('request_irq(0) %d', r);
  return r;
}

ORACLE_MODULE(run);
