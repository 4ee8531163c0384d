// scenario: sleep_request_irq_spin
// family: sleep
// context: spinlock
// what: request_irq under a spinlock
import { free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE, orc_irq_del, orc_irq_new, say } from './oracle.js';

const l = DEFINE_SPINLOCK('l');
const h = (): irqreturn_t => IRQ_HANDLED;
const dev = {};

function run(): number {
  const irq = orc_irq_new();
  spin_lock(l);
  const r = request_irq(irq, h, 0, 'o', dev);
  spin_unlock(l);
  say('request_irq %d', r);
  if (r === 0) free_irq(irq, dev);
  orc_irq_del(irq);
  return 0;
}

ORACLE_MODULE(run);
