/** Completions. Follows kernel/sched/completion.c, which is the source of all functions. */
import { this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { TASK_INTERRUPTIBLE, TASK_NORMAL, TASK_UNINTERRUPTIBLE } from '../arch/task.js';
import { ERESTARTSYS } from '../include/linux/errno.js';
import { MAX_SCHEDULE_TIMEOUT } from '../include/linux/jiffies.js';
import { struct, u32 } from '../lib/struct.js';
import { define_static, lock_words } from '../locking/lock_memory.js';
import { lock_name, set_lock_name } from '../locking/lock_name.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';
import { signal_pending_state } from '../signal.js';
import { do_schedule_timeout } from '../time/sleep.js';
import { might_sleep_at } from './might_sleep.js';
import { end_wait, enqueue_waiter, init_wait_words, wait_queue_entry, wait_queue_head_t, wake_waiters, WQ_FLAG_EXCLUSIVE } from './wait.js';

/** 28 bytes: how many complete() nobody has used yet, and who waits. */
export const completion = struct('completion', { done: u32, wait: wait_queue_head_t });
export type completion = Struct<'completion'>;

/** Words of a completion, and bytes to its wait queue. */
const DONE = 0;
const WAIT_BYTES = 4;

/** `done` after complete_all(): it is never used up. */
const DONE_FOR_ALL = -1;

function init(x: Ptr<completion>): void {
  const at = lock_words(x, completion.size);
  if (at < 0) return;
  i32[at + DONE] = 0;
  init_wait_words(x + WAIT_BYTES);
}

/** Makes a completion of the memory at `x`: nothing is complete, nobody waits. Context: any. */
export function init_completion(x: Ptr<completion>, name?: string): void {
  point();
  init(x);
  set_lock_name(x + WAIT_BYTES, name);
}

/** Takes all complete() back, complete_all() too, so that it can be used again. Context: any. */
export function reinit_completion(x: Ptr<completion>): void {
  point();
  const at = lock_words(x, completion.size);
  if (at >= 0) i32[at + DONE] = 0;
}

/** A static completion: `const done = DECLARE_COMPLETION('done')`. Context: process, module load as a rule. */
export function DECLARE_COMPLETION(name: string): Ptr<completion> {
  point();
  const x = define_static(completion, name);
  init(x);
  set_lock_name(x + WAIT_BYTES, name);
  return x;
}

/** Lets one waiter go on, the first, or the next that comes. Context: any. */
export function complete(x: Ptr<completion>): void {
  point();
  const at = lock_words(x, completion.size);
  if (at < 0) return;
  if (i32[at + DONE] !== DONE_FOR_ALL) i32[at + DONE]!++;
  wake_waiters(x + WAIT_BYTES, TASK_NORMAL, 1);
}

/** Lets all waiters go on, and all that will come. Context: any. */
export function complete_all(x: Ptr<completion>): void {
  point();
  const at = lock_words(x, completion.size);
  if (at < 0) return;
  i32[at + DONE] = DONE_FOR_ALL;
  wake_waiters(x + WAIT_BYTES, TASK_NORMAL, 0);
}

/** Uses one complete() up. */
function take(at: number): void {
  if (i32[at + DONE] !== DONE_FOR_ALL) i32[at + DONE]!--;
}

/** Follows do_wait_for_common(): the ticks left, at least 1; 0 when they have passed; -ERESTARTSYS. */
function wait_for_common(x: Ptr<completion>, timeout: number, state: number): number {
  might_sleep_at('kernel/sched/completion.c:101');
  const at = lock_words(x, completion.size);
  if (at < 0) return 1;
  let left = timeout;
  if (i32[at + DONE] === 0) {
    left = sleep_for(x, at, timeout, state);
    if (i32[at + DONE] === 0) return left;
  }
  take(at);
  return left === 0 ? 1 : left;
}

function sleep_for(x: Ptr<completion>, at: number, timeout: number, state: number): number {
  const task = this_cpu.current;
  const entry = new wait_queue_entry(task, true);
  entry.flags = WQ_FLAG_EXCLUSIVE;
  let left = timeout;
  do {
    if (signal_pending_state(state, task)) {
      left = -ERESTARTSYS;
      break;
    }
    enqueue_waiter(x + WAIT_BYTES, entry);
    task.__state = state;
    task.waiting_for = `completion ${lock_name(x + WAIT_BYTES)}`;
    left = do_schedule_timeout(left);
  } while (i32[at + DONE] === 0 && left !== 0);
  end_wait(entry);
  return left;
}

/** Sleeps until complete(). Context: process, may sleep. */
export function wait_for_completion(x: Ptr<completion>): void {
  point();
  wait_for_common(x, MAX_SCHEDULE_TIMEOUT, TASK_UNINTERRUPTIBLE);
}

/** As wait_for_completion(), for `timeout` ticks at most. Returns the ticks left, at least 1, or 0. Context: process, may sleep. */
export function wait_for_completion_timeout(x: Ptr<completion>, timeout: number): number {
  point();
  return wait_for_common(x, timeout, TASK_UNINTERRUPTIBLE);
}

/** As wait_for_completion(), but a signal ends it. Returns 0, or -ERESTARTSYS. Context: process, may sleep. */
export function wait_for_completion_interruptible(x: Ptr<completion>): number {
  point();
  return Math.min(0, wait_for_common(x, MAX_SCHEDULE_TIMEOUT, TASK_INTERRUPTIBLE));
}

/** The ticks left, at least 1; 0 when `timeout` ticks have passed; -ERESTARTSYS. Context: process, may sleep. */
export function wait_for_completion_interruptible_timeout(x: Ptr<completion>, timeout: number): number {
  point();
  return wait_for_common(x, timeout, TASK_INTERRUPTIBLE);
}

/** Uses a complete() up if there is one: 1, else 0 at once. Context: any. */
export function try_wait_for_completion(x: Ptr<completion>): number {
  point();
  const at = lock_words(x, completion.size);
  if (at < 0 || i32[at + DONE] === 0) return 0;
  take(at);
  return 1;
}

/** 1 where a wait would not sleep. Context: any. */
export function completion_done(x: Ptr<completion>): number {
  point();
  const at = lock_words(x, completion.size);
  return +(at >= 0 && i32[at + DONE] !== 0);
}
