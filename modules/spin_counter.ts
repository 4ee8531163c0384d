/**
 * spin_counter: two threads on two CPUs add to one counter. Reading, adding and writing back are three steps, and
 * without the lock an addition of the other CPU between them is lost. It warns when some were.
 *
 *     npx ringzero run modules/spin_counter.ts n=100 --strategy random --seed 1
 *     npx ringzero run modules/spin_counter.ts n=100 locked=0 --strategy random --seed 1
 *     npx ringzero explore modules/spin_counter.ts locked=0
 */
import { WARN_ON } from 'ringzero/linux/bug';
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { IS_ERR, PTR_ERR } from 'ringzero/linux/err';
import { ENOMEM } from 'ringzero/linux/errno';
import { kthread_run } from 'ringzero/linux/kthread';
import { bool, int, MODULE_DESCRIPTION, module_exit, module_init, MODULE_LICENSE, module_param, MODULE_PARM_DESC } from 'ringzero/linux/module';
import { pr_info } from 'ringzero/linux/printk';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { type PtrTo, s32, sizeof, struct } from 'ringzero/linux/types';

MODULE_LICENSE('GPL');
MODULE_DESCRIPTION('Loses updates, unless it is locked');

const n = module_param('n', int, 1000, 0o444);
MODULE_PARM_DESC('n', 'Additions of each thread');
const locked = module_param('locked', bool, true, 0o444);
MODULE_PARM_DESC('locked', 'Take the lock around each addition');

const THREADS = 2;

const counter = struct('counter', { value: s32 });

const lock = DEFINE_SPINLOCK('lock');
const done = DECLARE_COMPLETION('done');
let shared: PtrTo<typeof counter> | null = null;
let started = 0;

function add(c: PtrTo<typeof counter>): number {
  for (let i = 0; i < n.value; i++) {
    if (locked.value) spin_lock(lock);
    const seen = counter.at(c).value;
    counter.at(c).value = seen + 1;
    if (locked.value) spin_unlock(lock);
  }
  complete(done);
  return 0;
}

/** Threads that run cannot be called back: the counter stays until each has said that it is done with it. */
function join(): void {
  for (; started > 0; started--) wait_for_completion(done);
}

function spin_counter_init(): number {
  const c = kzalloc(sizeof(counter), GFP_KERNEL);
  if (c === null) return -ENOMEM;
  shared = c;
  for (; started < THREADS; started++) {
    const task = kthread_run(add, c, 'adder/%d', started);
    if (IS_ERR(task)) {
      join();
      kfree(c);
      return PTR_ERR(task);
    }
  }
  return 0;
}

function spin_counter_exit(): void {
  if (shared === null) return;
  join();
  const total = counter.at(shared).value;
  pr_info('spin_counter: %d of %d additions, %d lost\n', total, THREADS * n.value, THREADS * n.value - total);
  kfree(shared);
  WARN_ON(total !== THREADS * n.value);
}

module_init(spin_counter_init);
module_exit(spin_counter_exit);
