/** Read, add, write back: three steps that two CPUs must not mix. */
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { kthread_run } from 'ringzero/linux/kthread';
import { BUG_ON } from 'ringzero/linux/bug';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';

const fixed = module_param('fixed', bool, false, 0);
const lock = DEFINE_SPINLOCK('lock');
const done = DECLARE_COMPLETION('done');
let counter = 0;

function add(): number {
  if (fixed.value) spin_lock(lock);
  const seen = counter;
  counter = seen + 1;
  if (fixed.value) spin_unlock(lock);
  complete(done);
  return 0;
}

module_init(() => {
  kthread_run(add, null, 'a');
  kthread_run(add, null, 'b');
  wait_for_completion(done);
  wait_for_completion(done);
  BUG_ON(counter !== 2);
  return 0;
});
module_exit(() => undefined);
MODULE_LICENSE('GPL');
