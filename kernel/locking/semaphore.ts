/** Counting semaphores. Follows kernel/locking/semaphore.c, which is the source of all functions. */
import { lock_point, point } from '../arch/point.js';
import { TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE } from '../arch/task.js';
import { MAX_SCHEDULE_TIMEOUT } from '../include/linux/jiffies.js';
import { struct, u32 } from '../lib/struct.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';
import { might_sleep_at } from '../sched/might_sleep.js';
import { define_static, lock_words } from './lock_memory.js';
import { lock_name, set_lock_name } from './lock_name.js';
import { lock_state } from './lock_state.js';
import { check_inner_lock } from './spinlock_debug.js';
import { init_lock_words, SPINLOCK_MAGIC, spinlock_t } from './spinlock_types.js';
import { grant_first, sleep_in_line, waiters_of } from './wait_list.js';

/** 24 bytes: the lock inside, which tells whether it was initialised, the count, and which initialisation it had. */
export const semaphore = struct('semaphore', { lock: spinlock_t, count: u32, generation: u32 });
export type semaphore = Struct<'semaphore'>;

/** Words of a semaphore, behind its lock. */
const COUNT = 4;
const GENERATION = 5;

/** Gives the semaphore this count: so many down() go through before one waits. Context: any. */
export function sema_init(sem: Ptr<semaphore>, val: number): void {
  point();
  init(sem, val);
  set_lock_name(sem, undefined);
}

function init(sem: Ptr<semaphore>, val: number): void {
  const at = lock_words(sem, semaphore.size);
  if (at < 0) return;
  init_lock_words(sem, SPINLOCK_MAGIC);
  i32[at + COUNT] = val;
  i32[at + GENERATION] = lock_state().generation();
}

/** A static semaphore: `const s = DEFINE_SEMAPHORE('s')`, with a count of 1. Context: process, module load as a rule. */
export function DEFINE_SEMAPHORE(name: string): Ptr<semaphore> {
  point();
  const sem = define_static(semaphore, name);
  init(sem, 1);
  return sem;
}

function sem_words(sem: Ptr<semaphore>): number {
  const at = lock_words(sem, semaphore.size);
  if (at >= 0) check_inner_lock(sem, at);
  return at;
}

function __down(sem: Ptr<semaphore>, state: number, timeout: number, where: string): number {
  might_sleep_at(where);
  const at = sem_words(sem);
  if (at < 0) return 0;
  if (i32[at + COUNT]! > 0) {
    i32[at + COUNT]!--;
    return 0;
  }
  return sleep_in_line(sem, i32[at + GENERATION]!, true, state, timeout, `semaphore ${lock_name(sem)}`);
}

/** Takes one from the count, sleeping while it is 0. Context: process, may sleep. */
export function down(sem: Ptr<semaphore>): void {
  lock_point(sem);
  __down(sem, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT, 'kernel/locking/semaphore.c:58');
}

/** As down(), but a signal ends the wait. Returns 0, or -EINTR. Context: process, may sleep. */
export function down_interruptible(sem: Ptr<semaphore>): number {
  lock_point(sem);
  return __down(sem, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT, 'kernel/locking/semaphore.c:82');
}

/** As down(), for `timeout` ticks at most. Returns 0, or -ETIME. Context: process, may sleep. */
export function down_timeout(sem: Ptr<semaphore>, timeout: number): number {
  lock_point(sem);
  return __down(sem, TASK_UNINTERRUPTIBLE, timeout, 'kernel/locking/semaphore.c:164');
}

/** Takes one from the count if it is not 0. Returns 0 where it did and 1 where not: not as mutex_trylock(). Context: any. */
export function down_trylock(sem: Ptr<semaphore>): number {
  lock_point(sem);
  const at = sem_words(sem);
  if (at < 0 || i32[at + COUNT]! <= 0) return 1;
  i32[at + COUNT]!--;
  return 0;
}

/** Adds one to the count, or wakes the first who waits; anybody may. Context: any. */
export function up(sem: Ptr<semaphore>): void {
  lock_point(sem);
  const at = sem_words(sem);
  if (at < 0) return;
  if (waiters_of(sem, i32[at + GENERATION]!).length === 0) i32[at + COUNT]!++;
  else grant_first(sem);
}
