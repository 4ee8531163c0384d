// scenario: irq_disable_nosync_self
// family: irq
// context: hardirq
// what: disable_irq_nosync from the handler, enable_irq later
import { msleep } from 'ringzero/linux/delay';
import { EIO } from 'ringzero/linux/errno';
import { disable_irq_nosync, enable_irq, free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_fire, orc_irq_del, orc_irq_new, say } from './oracle.js';

const a = { calls: 0 };
let irq = 0;

function h(): irqreturn_t {
  disable_irq_nosync(irq);
  a.calls++;
  return IRQ_HANDLED;
}

function run(): number {
  irq = orc_irq_new();
  if (request_irq(irq, h, 0, 'o', a) !== 0) return -EIO;
  orc_fire(irq);
  msleep(20);
  enable_irq(irq);
  say('calls %d', a.calls);
  free_irq(irq, a);
  orc_irq_del(irq);
  return 0;
}

ORACLE_MODULE(run);
