/**
 * On a shared line the handler asks whether its device is active; that it was does not keep the buffer from going.
 */
import { ENOMEM } from 'ringzero/linux/errno';
import { free_irq, IRQ_HANDLED, IRQ_NONE, irq_set_affinity, IRQF_SHARED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { type PtrTo, sizeof, struct, u32 } from 'ringzero/linux/types';

const fixed = module_param('fixed', bool, false, 0);
const buffer = struct('buffer', { received: u32 });
const device = { active: false };
let rx: PtrTo<typeof buffer> | null = null;

function interrupt(_irq: number, dev: typeof device): irqreturn_t {
  if (!dev.active || rx === null) return IRQ_NONE;
  buffer.at(rx).received++;
  return IRQ_HANDLED;
}

module_init(() => {
  rx = kzalloc(sizeof(buffer), GFP_KERNEL);
  if (rx === null) return -ENOMEM;
  const err = request_irq(5, interrupt, IRQF_SHARED, 'device', device);
  irq_set_affinity(5, 2);
  device.active = true;
  return err;
});
module_exit(() => {
  device.active = false;
  if (fixed.value) free_irq(5, device);
  kfree(rx);
  if (!fixed.value) free_irq(5, device);
});
MODULE_LICENSE('GPL');
