// scenario: irq_disable_nested
// family: irq
// context: process
// what: disable_irq twice, enable_irq twice
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
  disable_irq(irq);
  enable_irq(irq);
  orc_fire(irq);
  msleep(10);
  say('calls after one enable %d', a.calls);
  enable_irq(irq);
  orc_fire(irq);
  msleep(10);
  say('calls after two enables %d', a.calls);
  free_irq(irq, a);
  orc_irq_del(irq);
  return 0;
}

ORACLE_MODULE(run);
