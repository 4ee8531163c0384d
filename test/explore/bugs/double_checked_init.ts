/**
 * Two threads make an object on first use: the one that looks without the lock sees it before it is filled.
 */
import { BUG_ON } from 'ringzero/linux/bug';
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { kthread_run } from 'ringzero/linux/kthread';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { type PtrTo, sizeof, struct, u32 } from 'ringzero/linux/types';

const fixed = module_param('fixed', bool, false, 0);
const device = struct('device', { size: u32 });
const lock = DEFINE_MUTEX('lock');
const done = DECLARE_COMPLETION('done');
let shared: PtrTo<typeof device> | null = null;

function get(): PtrTo<typeof device> | null {
  if (shared !== null) return shared;
  mutex_lock(lock);
  if (shared === null) {
    const fresh = kzalloc(sizeof(device), GFP_KERNEL);
    if (!fixed.value) shared = fresh;
    if (fresh !== null) device.at(fresh).size = 16;
    shared = fresh;
  }
  mutex_unlock(lock);
  return shared;
}

function user(): number {
  const dev = get();
  if (dev !== null) BUG_ON(device.at(dev).size !== 16);
  complete(done);
  return 0;
}

module_init(() => {
  kthread_run(user, null, 'a');
  kthread_run(user, null, 'b');
  wait_for_completion(done);
  wait_for_completion(done);
  return 0;
});
module_exit(() => {
  kfree(shared);
});
MODULE_LICENSE('GPL');
