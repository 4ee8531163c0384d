/**
 * An object is looked up and its count raised in two steps: in between, its last user lets go of it.
 */
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { ENOMEM } from 'ringzero/linux/errno';
import { kthread_run } from 'ringzero/linux/kthread';
import { bool, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { refcount_dec_and_test, refcount_inc, refcount_set, refcount_t } from 'ringzero/linux/refcount';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { type PtrTo, sizeof, struct, u32 } from 'ringzero/linux/types';

const fixed = module_param('fixed', bool, false, 0);
const object = struct('object', { refs: refcount_t, value: u32 });
const lock = DEFINE_SPINLOCK('lock');
const done = DECLARE_COMPLETION('done');
let table: PtrTo<typeof object> | null = null;

function put(o: PtrTo<typeof object>): void {
  if (refcount_dec_and_test(object.at(o).refs)) kfree(o);
}

function user(): number {
  if (fixed.value) spin_lock(lock);
  const o = table;
  if (o !== null) refcount_inc(object.at(o).refs);
  if (fixed.value) spin_unlock(lock);
  if (o !== null) put(o);
  complete(done);
  return 0;
}

function remover(): number {
  spin_lock(lock);
  const o = table;
  table = null;
  spin_unlock(lock);
  if (o !== null) put(o);
  complete(done);
  return 0;
}

module_init(() => {
  table = kzalloc(sizeof(object), GFP_KERNEL);
  if (table === null) return -ENOMEM;
  refcount_set(object.at(table).refs, 1);
  kthread_run(user, null, 'user');
  kthread_run(remover, null, 'remover');
  wait_for_completion(done);
  wait_for_completion(done);
  return 0;
});
module_exit(() => undefined);
MODULE_LICENSE('GPL');
