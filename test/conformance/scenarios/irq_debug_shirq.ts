// scenario: irq_debug_shirq
// family: irq
// context: process
// what: DEBUG_SHIRQ: a shared handler is called once by request_irq and once by free_irq, no interrupt needed
import { free_irq, IRQ_NONE, IRQF_SHARED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { irqs_disabled } from 'ringzero/linux/irqflags';
import { in_hardirq } from 'ringzero/linux/preempt';
import { ORACLE_MODULE, orc_irq_del, orc_irq_new, say } from './oracle.js';

let n = 0;
const a = {};

function h(): irqreturn_t {
  n++;
  say('handler call %d in_hardirq %d irqs_disabled %d', n, in_hardirq(), irqs_disabled());
  return IRQ_NONE;
}

function run(): number {
  const irq = orc_irq_new();
  const r = request_irq(irq, h, IRQF_SHARED, 'o', a);
  say('calls after request %d', n);
  free_irq(irq, a);
  say('calls after free %d', n);
  orc_irq_del(irq);
  return r;
}

ORACLE_MODULE(run);
