/**
 * irq_counter: two devices on one interrupt line. Both handlers are called each time; dev_id tells each whose it
 * is, and IRQ_NONE says "not mine".
 *
 *     npx ringzero run modules/irq_counter.ts irq=5 --raise 5 --raise 5
 */
import { ENOMEM } from 'ringzero/linux/errno';
import { free_irq, IRQ_HANDLED, IRQ_NONE, IRQF_SHARED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { int, MODULE_DESCRIPTION, module_exit, module_init, MODULE_LICENSE, module_param, MODULE_PARM_DESC } from 'ringzero/linux/module';
import { pr_info } from 'ringzero/linux/printk';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { type PtrTo, sizeof, struct, u32 } from 'ringzero/linux/types';

MODULE_LICENSE('GPL');
MODULE_DESCRIPTION('Counts the interrupts of a shared line');

const irq = module_param('irq', int, 5, 0o444);
MODULE_PARM_DESC('irq', 'The interrupt line');

const counter = struct('counter', { seen: u32, handled: u32 });
type Counter = PtrTo<typeof counter>;

let even: Counter | null = null;
let odd: Counter | null = null;

/** Takes every other interrupt for its own; which ones is told by the device. */
function count(_irq: number, dev_id: Counter): irqreturn_t {
  const c = counter.at(dev_id);
  c.seen++;
  const is_even = c.seen % 2 === 0;
  if (is_even !== (dev_id === even)) return IRQ_NONE;
  c.handled++;
  return IRQ_HANDLED;
}

function irq_counter_init(): number {
  even = kzalloc(sizeof(counter), GFP_KERNEL);
  odd = kzalloc(sizeof(counter), GFP_KERNEL);
  let err = -ENOMEM;
  if (even !== null && odd !== null) {
    err = request_irq(irq.value, count, IRQF_SHARED, 'even', even);
    if (err === 0) {
      err = request_irq(irq.value, count, IRQF_SHARED, 'odd', odd);
      if (err === 0) return 0;
      free_irq(irq.value, even);
    }
  }
  kfree(odd);
  kfree(even);
  return err;
}

function irq_counter_exit(): void {
  if (even === null || odd === null) return;
  // Before free_irq(): a debug kernel calls a shared handler once more there, to see whether it can bear it.
  pr_info('irq_counter: line %d: even %u of %u, odd %u of %u\n', irq.value, counter.at(even).handled, counter.at(even).seen, counter.at(odd).handled, counter.at(odd).seen);
  free_irq(irq.value, odd);
  free_irq(irq.value, even);
  kfree(odd);
  kfree(even);
}

module_init(irq_counter_init);
module_exit(irq_counter_exit);
