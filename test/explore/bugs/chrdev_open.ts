/**
 * Linux 68faa679b8be ("chardev: Avoid potential use-after-free in 'chrdev_open()'"): an open that fails drops the last
 * reference while another one raises the count from zero. The fix: only from a count that is not zero.
 */
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { kthread_run } from 'ringzero/linux/kthread';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { refcount_dec_and_test, refcount_inc, refcount_inc_not_zero, REFCOUNT_INIT } from 'ringzero/linux/refcount';

const fixed = module_param('fixed', bool, false, 0);
const kobj = REFCOUNT_INIT(1);
const done = DECLARE_COMPLETION('done');
let i_cdev = true;

function cdev_get(): boolean {
  if (fixed.value) return refcount_inc_not_zero(kobj);
  refcount_inc(kobj);
  return true;
}

function cdev_put(): void {
  // The release function: cdev_purge().
  if (refcount_dec_and_test(kobj)) i_cdev = false;
}

function racing_open(): number {
  if (i_cdev && cdev_get()) cdev_put();
  complete(done);
  return 0;
}

function failing_open(): number {
  cdev_put();
  complete(done);
  return 0;
}

module_init(() => {
  kthread_run(racing_open, null, 'racing');
  kthread_run(failing_open, null, 'failing');
  wait_for_completion(done);
  wait_for_completion(done);
  return 0;
});
module_exit(() => undefined);
MODULE_LICENSE('GPL');
