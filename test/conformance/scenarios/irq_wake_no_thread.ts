// scenario: irq_wake_no_thread
// family: irq
// context: hardirq
// what: handler returns IRQ_WAKE_THREAD without a thread function
import { msleep } from 'ringzero/linux/delay';
import { EIO } from 'ringzero/linux/errno';
import { free_irq, IRQ_WAKE_THREAD, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_fire, orc_irq_del, orc_irq_new } from './oracle.js';

const h = (): irqreturn_t => IRQ_WAKE_THREAD;
const a = {};

function run(): number {
  const irq = orc_irq_new();
  if (request_irq(irq, h, 0, 'o', a) !== 0) return -EIO;
  orc_fire(irq);
  msleep(20);
  free_irq(irq, a);
  orc_irq_del(irq);
  return 0;
}

ORACLE_MODULE(run);
