/** Two locks, taken in two orders. */
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { kthread_run } from 'ringzero/linux/kthread';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';

const fixed = module_param('fixed', bool, false, 0);
const a = DEFINE_SPINLOCK('a');
const b = DEFINE_SPINLOCK('b');
const done = DECLARE_COMPLETION('done');

function forth(): number {
  spin_lock(a);
  spin_lock(b);
  spin_unlock(b);
  spin_unlock(a);
  complete(done);
  return 0;
}

function back(): number {
  const [first, second] = fixed.value ? [a, b] : [b, a];
  spin_lock(first);
  spin_lock(second);
  spin_unlock(second);
  spin_unlock(first);
  complete(done);
  return 0;
}

module_init(() => {
  kthread_run(forth, null, 'forth');
  kthread_run(back, null, 'back');
  wait_for_completion(done);
  wait_for_completion(done);
  return 0;
});
module_exit(() => undefined);
MODULE_LICENSE('GPL');
