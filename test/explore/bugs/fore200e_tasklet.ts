/**
 * Linux 8930878 upstream, aba0b4bc0937 in stable ("atm: fore200e: fix use-after-free in tasklets during device removal"):
 * the interrupt is stopped and the device freed, while the tasklet that the last interrupt scheduled still runs.
 */
import { ENOMEM } from 'ringzero/linux/errno';
import { free_irq, from_tasklet, IRQ_HANDLED, irq_set_affinity, type irqreturn_t, request_irq, tasklet_kill, type tasklet_ptr, tasklet_schedule, tasklet_setup, tasklet_struct } from 'ringzero/linux/interrupt';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { type PtrTo, sizeof, struct, u32 } from 'ringzero/linux/types';

const fixed = module_param('fixed', bool, false, 0);
const fore200e = struct('fore200e', { tx_tasklet: tasklet_struct, sent: u32 });
let dev: PtrTo<typeof fore200e> | null = null;

function fore200e_tx_tasklet(tasklet: tasklet_ptr): void {
  fore200e.at(from_tasklet(fore200e, tasklet, 'tx_tasklet')).sent++;
}

function fore200e_interrupt(_irq: number, d: PtrTo<typeof fore200e>): irqreturn_t {
  tasklet_schedule(fore200e.at(d).tx_tasklet);
  return IRQ_HANDLED;
}

module_init(() => {
  dev = kzalloc(sizeof(fore200e), GFP_KERNEL);
  if (dev === null) return -ENOMEM;
  tasklet_setup(fore200e.at(dev).tx_tasklet, fore200e_tx_tasklet);
  const err = request_irq(5, fore200e_interrupt, 0, 'fore200e', dev);
  irq_set_affinity(5, 2);
  return err;
});
module_exit(() => {
  if (dev === null) return;
  free_irq(5, dev);
  if (fixed.value) tasklet_kill(fore200e.at(dev).tx_tasklet);
  kfree(dev);
});
MODULE_LICENSE('GPL');
