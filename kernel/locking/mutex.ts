/** Mutexes. Follows kernel/locking/mutex.c and mutex-debug.c, which are the sources of all functions. */
import { this_cpu } from '../arch/cpu.js';
import { lock_point } from '../arch/point.js';
import { TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE } from '../arch/task.js';
import { MAX_SCHEDULE_TIMEOUT } from '../include/linux/jiffies.js';
import { hex8 } from '../mm/layout.js';
import type { Ptr } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';
import { might_sleep_at } from '../sched/might_sleep.js';
import { HELD_SLEEPS, HELD_TRYLOCK, held_index, lock_acquire, lock_release } from './held_locks.js';
import { lock_words } from './lock_memory.js';
import { lock_name } from './lock_name.js';
import { lock_report, report_recursive_locking, report_unlock_imbalance } from './lockdep.js';
import { GENERATION, MAGIC, mutex, OWNER } from './mutex_types.js';
import { grant_first, sleep_in_line, waiters_of } from './wait_list.js';

/** Index of the mutex's first word, or -1 where there is none. */
function mutex_words(lock: Ptr<mutex>): number {
  const at = lock_words(lock, mutex.size);
  if (at >= 0 && i32[at + MAGIC] !== lock) {
    lock_report('mutex', 'DEBUG_LOCKS_WARN_ON(lock->magic != lock)', (print) => {
      print(`mutex: ${lock_name(lock)}, .magic: ${hex8(i32[at + MAGIC]!)}, expected: ${hex8(lock)}: was it initialised?`);
    });
  }
  return at;
}

/** Follows __mutex_lock_common(). */
function __mutex_lock(lock: Ptr<mutex>, state: number): number {
  might_sleep_at('kernel/locking/mutex.c:580');
  const at = mutex_words(lock);
  if (at < 0) return 0;
  const task = this_cpu.current;
  if (held_index(task, lock) >= 0) report_recursive_locking('mutex', lock);
  if (i32[at + OWNER] === 0) i32[at + OWNER] = task.pid;
  else {
    const ret = sleep_in_line(lock, i32[at + GENERATION]!, true, state, MAX_SCHEDULE_TIMEOUT, `mutex ${lock_name(lock)}`);
    if (ret !== 0) return ret;
  }
  lock_acquire(task, lock, HELD_SLEEPS);
  return 0;
}

/** Takes the mutex, sleeping while another task has it; those who wait get it in turn. Context: process, may sleep. */
export function mutex_lock(lock: Ptr<mutex>): void {
  lock_point(lock);
  __mutex_lock(lock, TASK_UNINTERRUPTIBLE);
}

/** As mutex_lock(), but a signal ends the wait. Returns 0, or -EINTR without the mutex. Context: process, may sleep. */
export function mutex_lock_interruptible(lock: Ptr<mutex>): number {
  lock_point(lock);
  return __mutex_lock(lock, TASK_INTERRUPTIBLE);
}

/** Takes the mutex if it is free: 1, else 0 at once. Context: process. */
export function mutex_trylock(lock: Ptr<mutex>): number {
  lock_point(lock);
  const at = mutex_words(lock);
  if (at < 0 || i32[at + OWNER] !== 0) return 0;
  const task = this_cpu.current;
  // The idle task may try, in an interrupt: its pid is 0, so another number that no task has stands for it.
  i32[at + OWNER] = task.pid === 0 ? -1 : task.pid;
  lock_acquire(task, lock, HELD_SLEEPS | HELD_TRYLOCK);
  return 1;
}

/** Leaves the mutex; only the task that took it may. Context: process. */
export function mutex_unlock(lock: Ptr<mutex>): void {
  lock_point(lock);
  const task = this_cpu.current;
  if (!lock_release(task, lock)) report_unlock_imbalance('mutex', lock);
  const at = mutex_words(lock);
  if (at < 0) return;
  if (i32[at + OWNER] !== (task.pid === 0 ? -1 : task.pid)) lock_report('mutex', 'DEBUG_LOCKS_WARN_ON(__owner_task(owner) != current)');
  // The next owner is set here, not when it runs: nobody can come between.
  const heirs = waiters_of(lock, i32[at + GENERATION]!);
  i32[at + OWNER] = heirs.length === 0 ? 0 : grant_first(lock).pid;
}

/** 1 while a task has the mutex. Context: any. */
export function mutex_is_locked(lock: Ptr<mutex>): number {
  lock_point(lock);
  const at = lock_words(lock, mutex.size);
  return +(at >= 0 && i32[at + OWNER] !== 0);
}
