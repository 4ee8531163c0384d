// scenario: sleep_disable_irq_spin
// family: sleep
// context: spinlock
// what: disable_irq (waits for the handler) under a spinlock
import { EIO } from 'ringzero/linux/errno';
import { disable_irq, enable_irq, free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE, orc_irq_del, orc_irq_new } from './oracle.js';

const l = DEFINE_SPINLOCK('l');
const h = (): irqreturn_t => IRQ_HANDLED;
const dev = {};

function run(): number {
  const irq = orc_irq_new();
  if (request_irq(irq, h, 0, 'o', dev) !== 0) return -EIO;
  spin_lock(l);
  disable_irq(irq);
  spin_unlock(l);
  enable_irq(irq);
  free_irq(irq, dev);
  orc_irq_del(irq);
  return 0;
}

ORACLE_MODULE(run);
