// scenario: irq_handler_enables
// family: irq
// context: hardirq
// what: handler calls local_irq_enable and returns
import { msleep } from 'ringzero/linux/delay';
import { EIO } from 'ringzero/linux/errno';
import { free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { local_irq_enable } from 'ringzero/linux/irqflags';
import { ORACLE_MODULE, orc_fire, orc_irq_del, orc_irq_new } from './oracle.js';

const a = {};

function h(): irqreturn_t {
  local_irq_enable();
  return IRQ_HANDLED;
}

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
