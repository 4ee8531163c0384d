// scenario: irq_thread_fn_irqoff
// family: irq
// context: threaded irq
// what: thread function returns with interrupts disabled
import { msleep } from 'ringzero/linux/delay';
import { EIO } from 'ringzero/linux/errno';
import { free_irq, IRQ_HANDLED, IRQF_ONESHOT, type irqreturn_t, request_threaded_irq } from 'ringzero/linux/interrupt';
import { local_irq_disable } from 'ringzero/linux/irqflags';
import { ORACLE_MODULE, orc_fire, orc_irq_del, orc_irq_new } from './oracle.js';

const a = {};

function t(): irqreturn_t {
  local_irq_disable();
  return IRQ_HANDLED;
}

function run(): number {
  const irq = orc_irq_new();
  if (request_threaded_irq(irq, null, t, IRQF_ONESHOT, 'o', a) !== 0) return -EIO;
  orc_fire(irq);
  msleep(50);
  free_irq(irq, a);
  orc_irq_del(irq);
  return 0;
}

ORACLE_MODULE(run);
