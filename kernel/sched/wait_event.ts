/**
 * Waiting for a condition. Follows the macros of include/linux/wait.h, which are the sources of all functions.
 *
 * The condition is a function, called again after each wakeup; it runs with the task's state already announced, so
 * it must not sleep itself. That the wait may sleep is checked even where the condition holds at once.
 */
import { this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { PF_IDLE, TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE } from '../arch/task.js';
import { ERESTARTSYS } from '../include/linux/errno.js';
import { MAX_SCHEDULE_TIMEOUT } from '../include/linux/jiffies.js';
import { caller_line } from '../locking/caller_place.js';
import { lock_name } from '../locking/lock_name.js';
import { spin_lock_irq, spin_unlock_irq } from '../locking/spinlock.js';
import type { spinlock_t } from '../locking/spinlock_types.js';
import { shown } from '../lib/shown.js';
import type { Ptr } from '../mm/pointer.js';
import { signal_pending_state } from '../signal.js';
import { do_schedule_timeout } from '../time/sleep.js';
import { might_sleep_at } from './might_sleep.js';
import { dequeue_waiter, end_wait, enqueue_waiter, wait_queue_entry, type wait_queue_head_t, WQ_FLAG_EXCLUSIVE } from './wait.js';

/** True as in C: anything but 0, false and null. */
export type Condition = () => boolean | number | object | null | undefined;

/** What a macro of C does with its condition's text. Throws TypeError for a value: nothing could ever change it. */
function holds(condition: Condition): boolean {
  if (typeof condition !== 'function') throw new TypeError(`wait_event: the condition must be a function, as in () => ready, got ${shown(condition)}`);
  return Boolean(condition());
}

/** might_sleep() of a macro: the line it names is the caller's. */
function might_sleep_here(): void {
  const cpu = this_cpu;
  const task = cpu.current;
  const busy = cpu.preempt_count | cpu.irqs_off | task.rcu_read_lock_nesting | task.non_block_count | (task.flags & PF_IDLE) | task.__state;
  if (busy !== 0) might_sleep_at(caller_line());
}

/**
 * Follows ___wait_event(): returns the ticks left, at least 1, once the condition holds; 0 when `timeout` ticks have
 * passed without; -ERESTARTSYS where a signal came and the state allows it. `lock` is left while the task sleeps.
 */
function ___wait_event(
  wq: Ptr<wait_queue_head_t>,
  condition: Condition,
  state: number,
  flags: number,
  timeout: number,
  lock: Ptr<spinlock_t> | null,
): number {
  const task = this_cpu.current;
  const entry = new wait_queue_entry(task, true);
  entry.flags = flags;
  let left = timeout;
  try {
    for (;;) {
      const interrupted = signal_pending_state(state, task);
      if (interrupted) dequeue_waiter(entry);
      else {
        enqueue_waiter(wq, entry);
        task.__state = state;
        task.waiting_for = `wait queue ${lock_name(wq)}`;
      }
      if (condition()) return left === 0 ? 1 : left;
      if (interrupted) return -ERESTARTSYS;
      if (left === 0) return 0;
      if (lock !== null) spin_unlock_irq(lock);
      left = do_schedule_timeout(left);
      if (lock !== null) spin_lock_irq(lock);
    }
  } finally {
    end_wait(entry);
  }
}

/** Sleeps until the condition holds. Context: process, may sleep. */
export function wait_event(wq: Ptr<wait_queue_head_t>, condition: Condition): void {
  point();
  might_sleep_here();
  if (!holds(condition)) ___wait_event(wq, condition, TASK_UNINTERRUPTIBLE, 0, MAX_SCHEDULE_TIMEOUT, null);
}

/** As wait_event(), but a signal ends it. Returns 0, or -ERESTARTSYS. Context: process, may sleep. */
export function wait_event_interruptible(wq: Ptr<wait_queue_head_t>, condition: Condition): number {
  point();
  might_sleep_here();
  if (holds(condition)) return 0;
  return Math.min(0, ___wait_event(wq, condition, TASK_INTERRUPTIBLE, 0, MAX_SCHEDULE_TIMEOUT, null));
}

/** As wait_event_interruptible(), woken one at a time. Context: process, may sleep. */
export function wait_event_interruptible_exclusive(wq: Ptr<wait_queue_head_t>, condition: Condition): number {
  point();
  might_sleep_here();
  if (holds(condition)) return 0;
  return Math.min(0, ___wait_event(wq, condition, TASK_INTERRUPTIBLE, WQ_FLAG_EXCLUSIVE, MAX_SCHEDULE_TIMEOUT, null));
}

/**
 * As wait_event(), for `timeout` ticks at most. Returns the ticks left, at least 1, where the condition holds, and 0
 * where it does not. Context: process, may sleep.
 */
export function wait_event_timeout(wq: Ptr<wait_queue_head_t>, condition: Condition, timeout: number): number {
  point();
  might_sleep_here();
  if (holds(condition)) return Math.max(1, timeout);
  return timeout === 0 ? 0 : ___wait_event(wq, condition, TASK_UNINTERRUPTIBLE, 0, timeout, null);
}

/** As wait_event_timeout(), but a signal ends it with -ERESTARTSYS. Context: process, may sleep. */
export function wait_event_interruptible_timeout(wq: Ptr<wait_queue_head_t>, condition: Condition, timeout: number): number {
  point();
  might_sleep_here();
  if (holds(condition)) return Math.max(1, timeout);
  return timeout === 0 ? 0 : ___wait_event(wq, condition, TASK_INTERRUPTIBLE, 0, timeout, null);
}

/**
 * As wait_event(), for a condition under a lock taken with spin_lock_irq(): it is left while the task sleeps and held
 * again when this returns. Context: process, with the lock held.
 */
export function wait_event_lock_irq(wq: Ptr<wait_queue_head_t>, condition: Condition, lock: Ptr<spinlock_t>): void {
  point();
  if (!holds(condition)) ___wait_event(wq, condition, TASK_UNINTERRUPTIBLE, 0, MAX_SCHEDULE_TIMEOUT, lock);
}

/** As wait_event_lock_irq(), but a signal ends it. Returns 0, or -ERESTARTSYS. Context: process, with the lock held. */
export function wait_event_interruptible_lock_irq(wq: Ptr<wait_queue_head_t>, condition: Condition, lock: Ptr<spinlock_t>): number {
  point();
  if (holds(condition)) return 0;
  return Math.min(0, ___wait_event(wq, condition, TASK_INTERRUPTIBLE, 0, MAX_SCHEDULE_TIMEOUT, lock));
}
