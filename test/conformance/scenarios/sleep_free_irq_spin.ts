// scenario: sleep_free_irq_spin
// family: sleep
// context: spinlock
// what: free_irq under a spinlock
import { EIO } from 'ringzero/linux/errno';
import { free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE, orc_irq_del, orc_irq_new } from './oracle.js';

const l = DEFINE_SPINLOCK('l');
const h = (): irqreturn_t => IRQ_HANDLED;
const dev = {};

function run(): number {
  const irq = orc_irq_new();
  if (request_irq(irq, h, 0, 'o', dev) !== 0) return -EIO;
  spin_lock(l);
  free_irq(irq, dev);
  spin_unlock(l);
  orc_irq_del(irq);
  return 0;
}

ORACLE_MODULE(run);
