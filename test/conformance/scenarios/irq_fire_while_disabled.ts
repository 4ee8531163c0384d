// scenario: irq_fire_while_disabled
// family: irq
// context: process
// what: an interrupt raised while the line is disabled
import { msleep } from 'ringzero/linux/delay';
import { EIO } from 'ringzero/linux/errno';
import { disable_irq, enable_irq, free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { ORACLE_MODULE, orc_fire, orc_irq_del, orc_irq_new, say } from './oracle.js';

const a = { calls: 0 };

function h(): irqreturn_t {
  a.calls++;
  return IRQ_HANDLED;
}

function run(): number {
  const irq = orc_irq_new();
  if (request_irq(irq, h, 0, 'o', a) !== 0) return -EIO;
  disable_irq(irq);
  orc_fire(irq);
  msleep(20);
  say('calls while disabled %d', a.calls);
  enable_irq(irq);
  msleep(20);
  say('calls after enable %d', a.calls);
  free_irq(irq, a);
  orc_irq_del(irq);
  return 0;
}

ORACLE_MODULE(run);
