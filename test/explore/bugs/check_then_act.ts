/** The flag is looked at, and the interrupt that sets it comes between the look and the sleep: a lost wakeup. */
import { current, schedule, set_current_state, TASK_RUNNING, TASK_UNINTERRUPTIBLE, wake_up_process } from 'ringzero/linux/sched';
import { free_irq, IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';

const fixed = module_param('fixed', bool, false, 0);
const dev = {};
let ready = false;
let sleeper: typeof current | null = null;

function handler(): typeof IRQ_HANDLED {
  ready = true;
  if (sleeper !== null) wake_up_process(sleeper);
  return IRQ_HANDLED;
}

module_init(() => {
  const err = request_irq(5, handler, 0, 'device', dev);
  if (err !== 0) return err;
  sleeper = current;
  if (fixed.value) {
    set_current_state(TASK_UNINTERRUPTIBLE);
    if (!ready) schedule();
    set_current_state(TASK_RUNNING);
  } else if (!ready) {
    set_current_state(TASK_UNINTERRUPTIBLE);
    schedule();
  }
  return 0;
});
module_exit(() => {
  free_irq(5, dev);
});
MODULE_LICENSE('GPL');
