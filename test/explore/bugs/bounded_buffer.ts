/**
 * A buffer of one place, and one wait queue for "empty" and "full": the wakeup may go to one who waits for the other.
 */
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { kthread_run } from 'ringzero/linux/kthread';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { DECLARE_WAIT_QUEUE_HEAD, wait_event_interruptible_exclusive, wake_up } from 'ringzero/linux/wait';

const fixed = module_param('fixed', bool, false, 0);
const filled = DECLARE_WAIT_QUEUE_HEAD('filled');
const emptied = DECLARE_WAIT_QUEUE_HEAD('emptied');
const done = DECLARE_COMPLETION('done');
const lock = DEFINE_SPINLOCK('lock');
let items = 0;

/** One item more, or less, where there are `from` of them. */
function change(from: number, by: number): boolean {
  spin_lock(lock);
  const may = items === from;
  if (may) items += by;
  spin_unlock(lock);
  return may;
}

function put(): void {
  wait_event_interruptible_exclusive(fixed.value ? emptied : filled, () => change(0, 1));
  wake_up(filled);
}

function take(): number {
  wait_event_interruptible_exclusive(filled, () => change(1, -1));
  wake_up(fixed.value ? emptied : filled);
  complete(done);
  return 0;
}

module_init(() => {
  kthread_run(take, null, 'a');
  kthread_run(take, null, 'b');
  put();
  put();
  wait_for_completion(done);
  wait_for_completion(done);
  return 0;
});
module_exit(() => undefined);
MODULE_LICENSE('GPL');
