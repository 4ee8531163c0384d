// scenario: irq_synchronize_self
// family: irq
// context: hardirq
// what: synchronize_irq from the line's own handler
import { msleep } from 'ringzero/linux/delay';
import { EIO } from 'ringzero/linux/errno';
import { IRQ_HANDLED, type irqreturn_t, request_irq, synchronize_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_fire, orc_irq_new } from './oracle.js';

const a = {};
let irq = 0;

function h(): irqreturn_t {
  synchronize_irq(irq);
  return IRQ_HANDLED;
}

function run(): number {
  irq = orc_irq_new();
  if (request_irq(irq, h, 0, 'o', a) !== 0) return -EIO;
  orc_fire(irq);
  msleep(100);
  return 0;
}

ORACLE_MODULE(run);
