/**
 * Linux e6ad623 upstream, 058822591b78 in stable ("media: netup_unidvb: fix irq init by register it at the end of
 * probe"): the handler takes a lock that probe has not initialized yet.
 */
import { ENOMEM } from 'ringzero/linux/errno';
import { free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { spin_lock, spin_lock_init, spin_unlock, spinlock_t } from 'ringzero/linux/spinlock';
import { type PtrTo, sizeof, struct } from 'ringzero/linux/types';

const fixed = module_param('fixed', bool, false, 0);
const priv_data = struct('netup_priv', { lock: spinlock_t });
let priv: PtrTo<typeof priv_data> | null = null;

function interrupt(_irq: number, p: PtrTo<typeof priv_data>): irqreturn_t {
  spin_lock(priv_data.at(p).lock);
  spin_unlock(priv_data.at(p).lock);
  return IRQ_HANDLED;
}

module_init(() => {
  priv = kmalloc(sizeof(priv_data), GFP_KERNEL);
  if (priv === null) return -ENOMEM;
  if (fixed.value) spin_lock_init(priv_data.at(priv).lock);
  const err = request_irq(5, interrupt, 0, 'netup', priv);
  if (!fixed.value) spin_lock_init(priv_data.at(priv).lock);
  if (err !== 0) kfree(priv);
  return err;
});
module_exit(() => {
  if (priv === null) return;
  free_irq(5, priv);
  kfree(priv);
});
MODULE_LICENSE('GPL');
