/**
 * The handler asks whether the driver is going away, then queues work: in between, the queue is destroyed.
 */
import { free_irq, IRQ_HANDLED, irq_set_affinity, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { pr_info } from 'ringzero/linux/printk';
import { alloc_workqueue, DECLARE_WORK, destroy_workqueue, queue_work } from 'ringzero/linux/workqueue';

const fixed = module_param('fixed', bool, false, 0);
const wq = alloc_workqueue('device', 0, 0);
let handled = 0;
const work = DECLARE_WORK(() => {
  pr_info('handled %d\n', ++handled);
});
let leaving = false;

function interrupt(): irqreturn_t {
  if (!leaving) queue_work(wq, work);
  return IRQ_HANDLED;
}

module_init(() => {
  const err = request_irq(5, interrupt, 0, 'device', work);
  irq_set_affinity(5, 2);
  return err;
});
module_exit(() => {
  leaving = true;
  if (fixed.value) free_irq(5, work);
  destroy_workqueue(wq);
  if (!fixed.value) free_irq(5, work);
});
MODULE_LICENSE('GPL');
