/**
 * A sleeper looks at the condition, then queues itself: the wakeup that comes in between finds nobody.
 */
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { kthread_run } from 'ringzero/linux/kthread';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { schedule, TASK_UNINTERRUPTIBLE } from 'ringzero/linux/sched';
import { DECLARE_WAIT_QUEUE_HEAD, DEFINE_WAIT, finish_wait, prepare_to_wait, wait_event, wake_up } from 'ringzero/linux/wait';

const fixed = module_param('fixed', bool, false, 0);
const queue = DECLARE_WAIT_QUEUE_HEAD('queue');
const done = DECLARE_COMPLETION('done');
let ready = false;

function waker(): number {
  ready = true;
  wake_up(queue);
  complete(done);
  return 0;
}

module_init(() => {
  kthread_run(waker, null, 'waker');
  if (fixed.value) wait_event(queue, () => ready);
  else if (!ready) {
    const wait = DEFINE_WAIT();
    prepare_to_wait(queue, wait, TASK_UNINTERRUPTIBLE);
    schedule();
    finish_wait(queue, wait);
  }
  return 0;
});
module_exit(() => {
  wait_for_completion(done);
});
MODULE_LICENSE('GPL');
