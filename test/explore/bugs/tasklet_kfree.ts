/**
 * A tasklet is killed after what it works on has been freed.
 */
import { ENOMEM } from 'ringzero/linux/errno';
import { free_irq, IRQ_HANDLED, irq_set_affinity, type irqreturn_t, request_irq, tasklet_kill, type tasklet_ptr, tasklet_schedule, tasklet_setup, tasklet_struct } from 'ringzero/linux/interrupt';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { type PtrTo, sizeof, struct, u32 } from 'ringzero/linux/types';

const fixed = module_param('fixed', bool, false, 0);
const ring = struct('ring', { packets: u32 });
const device = struct('device', { tasklet: tasklet_struct });
let dev: PtrTo<typeof device> | null = null;
let rx: PtrTo<typeof ring> | null = null;

function receive(_tasklet: tasklet_ptr): void {
  if (rx !== null) ring.at(rx).packets++;
}

function interrupt(_irq: number, d: PtrTo<typeof device>): irqreturn_t {
  tasklet_schedule(device.at(d).tasklet);
  return IRQ_HANDLED;
}

module_init(() => {
  dev = kzalloc(sizeof(device), GFP_KERNEL);
  if (dev === null) return -ENOMEM;
  rx = kzalloc(sizeof(ring), GFP_KERNEL);
  tasklet_setup(device.at(dev).tasklet, receive);
  const err = request_irq(5, interrupt, 0, 'device', dev);
  irq_set_affinity(5, 2);
  return err;
});
module_exit(() => {
  if (dev === null) return;
  free_irq(5, dev);
  if (fixed.value) tasklet_kill(device.at(dev).tasklet);
  kfree(rx);
  tasklet_kill(device.at(dev).tasklet);
  kfree(dev);
});
MODULE_LICENSE('GPL');
