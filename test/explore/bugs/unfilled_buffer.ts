/**
 * A buffer is handed to the interrupt handler first and filled then.
 */
import { BUG_ON } from 'ringzero/linux/bug';
import { ENOMEM } from 'ringzero/linux/errno';
import { free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { type PtrTo, sizeof, struct, u32 } from 'ringzero/linux/types';

const fixed = module_param('fixed', bool, false, 0);
const packet = struct('packet', { length: u32 });
const dev = {};
let next: PtrTo<typeof packet> | null = null;

function interrupt(): irqreturn_t {
  if (next !== null) BUG_ON(packet.at(next).length !== 64);
  return IRQ_HANDLED;
}

module_init(() => {
  const err = request_irq(5, interrupt, 0, 'device', dev);
  if (err !== 0) return err;
  const fresh = kzalloc(sizeof(packet), GFP_KERNEL);
  if (fresh === null) {
    free_irq(5, dev);
    return -ENOMEM;
  }
  if (!fixed.value) next = fresh;
  packet.at(fresh).length = 64;
  next = fresh;
  return 0;
});
module_exit(() => {
  free_irq(5, dev);
  kfree(next);
});
MODULE_LICENSE('GPL');
