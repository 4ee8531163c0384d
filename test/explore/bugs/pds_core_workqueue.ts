/**
 * Linux 0ad1348 upstream, 224214eb4182 in stable ("pds_core: fix use-after-free on workqueue during remove"): the work
 * queue is destroyed before the interrupt is freed whose handler queues work on it.
 */
import { free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { pr_info } from 'ringzero/linux/printk';
import { alloc_workqueue, DECLARE_WORK, destroy_workqueue, queue_work } from 'ringzero/linux/workqueue';

const fixed = module_param('fixed', bool, false, 0);
const pdsc_wq = alloc_workqueue('pds_core', 0, 0);
let served = 0;
const adminq_work = DECLARE_WORK(() => {
  pr_info('served %d\n', ++served);
});

function pdsc_adminq_isr(): irqreturn_t {
  queue_work(pdsc_wq, adminq_work);
  return IRQ_HANDLED;
}

module_init(() => request_irq(5, pdsc_adminq_isr, 0, 'pds_core', adminq_work));
module_exit(() => {
  if (fixed.value) free_irq(5, adminq_work);
  destroy_workqueue(pdsc_wq);
  if (!fixed.value) free_irq(5, adminq_work);
});
MODULE_LICENSE('GPL');
