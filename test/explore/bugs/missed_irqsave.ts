/** A lock that an interrupt handler takes too, taken with interrupts enabled: the handler spins for its own CPU. */
import { free_irq, IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { pr_info } from 'ringzero/linux/printk';
import { DEFINE_SPINLOCK, spin_lock, spin_lock_irqsave, spin_unlock, spin_unlock_irqrestore } from 'ringzero/linux/spinlock';

const fixed = module_param('fixed', bool, false, 0);
const lock = DEFINE_SPINLOCK('lock');
let count = 0;

function handler(): typeof IRQ_HANDLED {
  spin_lock(lock);
  count++;
  spin_unlock(lock);
  return IRQ_HANDLED;
}

function update(): void {
  if (fixed.value) {
    const flags = spin_lock_irqsave(lock);
    count++;
    spin_unlock_irqrestore(lock, flags);
  } else {
    spin_lock(lock);
    count++;
    spin_unlock(lock);
  }
}

module_init(() => {
  const err = request_irq(5, handler, 0, 'device', lock);
  if (err === 0) update();
  return err;
});
module_exit(() => {
  free_irq(5, lock);
  pr_info('count %d\n', count);
});
MODULE_LICENSE('GPL');
