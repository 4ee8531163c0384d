/**
 * Linux f1a63db65e45 ("mfd: qcom-pm8xxx: Fix potential deadlock on &chip->pm_irq_lock"): set_type takes the lock that the
 * handler takes, with interrupts enabled.
 */
import { free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { DEFINE_SPINLOCK, spin_lock, spin_lock_irqsave, spin_unlock, spin_unlock_irqrestore } from 'ringzero/linux/spinlock';

const fixed = module_param('fixed', bool, false, 0);
const pm_irq_lock = DEFINE_SPINLOCK('pm_irq_lock');
let block = 0;

function pm8xxx_read_block_irq(): number {
  spin_lock(pm_irq_lock);
  const bits = block;
  spin_unlock(pm_irq_lock);
  return bits;
}

function pm8xxx_irq_handler(): irqreturn_t {
  pm8xxx_read_block_irq();
  return IRQ_HANDLED;
}

function pm8xxx_config_irq(bits: number): void {
  if (fixed.value) {
    const flags = spin_lock_irqsave(pm_irq_lock);
    block = bits;
    spin_unlock_irqrestore(pm_irq_lock, flags);
  } else {
    spin_lock(pm_irq_lock);
    block = bits;
    spin_unlock(pm_irq_lock);
  }
}

module_init(() => {
  const err = request_irq(5, pm8xxx_irq_handler, 0, 'pm8xxx', pm_irq_lock);
  if (err === 0) pm8xxx_config_irq(3);
  return err;
});
module_exit(() => {
  free_irq(5, pm_irq_lock);
});
MODULE_LICENSE('GPL');
