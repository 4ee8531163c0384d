/** Sleeping reader-writer locks. Follows kernel/locking/rwsem.c, which is the source of all functions. */
import { this_cpu } from '../arch/cpu.js';
import { lock_point, point } from '../arch/point.js';
import { TASK_UNINTERRUPTIBLE } from '../arch/task.js';
import { MAX_SCHEDULE_TIMEOUT } from '../include/linux/jiffies.js';
import { s32, struct, u32 } from '../lib/struct.js';
import { hex8 } from '../mm/layout.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';
import { might_sleep_at } from '../sched/might_sleep.js';
import { HELD_READ, HELD_SLEEPS, HELD_TRYLOCK, held_index, lock_acquire, lock_release } from './held_locks.js';
import { define_static, lock_words } from './lock_memory.js';
import { lock_name, set_lock_name } from './lock_name.js';
import { lock_state } from './lock_state.js';
import { debug_check_no_locks_freed, lock_report, report_recursive_locking, report_unlock_imbalance } from './lockdep.js';
import { grant_first, sleep_in_line, waiters_of } from './wait_list.js';

/** 16 bytes: -1 for a writer or the number of readers, its own address as magic number, which initialisation it had. */
export const rw_semaphore = struct('rw_semaphore', { count: s32, magic: u32, generation: u32, wait_list: u32 });
export type rw_semaphore = Struct<'rw_semaphore'>;

const COUNT = 0;
const MAGIC = 1;
const GENERATION = 2;

const WRITER = -1;

function init(sem: Ptr<rw_semaphore>): void {
  const at = lock_words(sem, rw_semaphore.size);
  if (at < 0) return;
  i32[at + COUNT] = 0;
  i32[at + MAGIC] = sem;
  i32[at + GENERATION] = lock_state().generation();
}

/** Makes a free lock of the memory at `sem`. Context: any. */
export function init_rwsem(sem: Ptr<rw_semaphore>, name?: string): void {
  point();
  debug_check_no_locks_freed(sem, rw_semaphore.size);
  init(sem);
  set_lock_name(sem, name);
}

/** A static lock: `const s = DECLARE_RWSEM('s')`. Context: process, module load as a rule. */
export function DECLARE_RWSEM(name: string): Ptr<rw_semaphore> {
  point();
  const sem = define_static(rw_semaphore, name);
  init(sem);
  return sem;
}

function rwsem_words(sem: Ptr<rw_semaphore>): number {
  const at = lock_words(sem, rw_semaphore.size);
  if (at >= 0 && i32[at + MAGIC] !== sem) {
    lock_report('mutex', `DEBUG_RWSEMS_WARN_ON(sem->magic != sem): count = 0x${hex8(i32[at + COUNT]!)}, magic = 0x${hex8(i32[at + MAGIC]!)}`);
  }
  return at;
}

function may_read(sem: Ptr<rw_semaphore>, at: number): boolean {
  return i32[at + COUNT]! >= 0 && waiters_of(sem, i32[at + GENERATION]!).length === 0;
}

/** Takes the lock for reading, sleeping while a writer has it or waits for it. Context: process, may sleep. */
export function down_read(sem: Ptr<rw_semaphore>): void {
  lock_point(sem);
  might_sleep_at('kernel/locking/rwsem.c:1519');
  const at = rwsem_words(sem);
  if (at < 0) return;
  const task = this_cpu.current;
  if (held_index(task, sem) >= 0) report_recursive_locking('mutex', sem);
  if (may_read(sem, at)) i32[at + COUNT]!++;
  else sleep_in_line(sem, i32[at + GENERATION]!, false, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT, `rw_semaphore ${lock_name(sem)}`);
  lock_acquire(task, sem, HELD_SLEEPS | HELD_READ);
}

/** Takes the lock for writing, sleeping while anybody has it. Context: process, may sleep. */
export function down_write(sem: Ptr<rw_semaphore>): void {
  lock_point(sem);
  might_sleep_at('kernel/locking/rwsem.c:1566');
  const at = rwsem_words(sem);
  if (at < 0) return;
  const task = this_cpu.current;
  if (held_index(task, sem) >= 0) report_recursive_locking('mutex', sem);
  if (i32[at + COUNT] === 0) i32[at + COUNT] = WRITER;
  else sleep_in_line(sem, i32[at + GENERATION]!, true, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT, `rw_semaphore ${lock_name(sem)}`);
  lock_acquire(task, sem, HELD_SLEEPS);
}

/** Takes the lock for reading if that is possible at once: 1, else 0. Context: any. */
export function down_read_trylock(sem: Ptr<rw_semaphore>): number {
  lock_point(sem);
  const at = rwsem_words(sem);
  if (at < 0 || !may_read(sem, at)) return 0;
  i32[at + COUNT]!++;
  lock_acquire(this_cpu.current, sem, HELD_SLEEPS | HELD_READ | HELD_TRYLOCK);
  return 1;
}

/** Takes the lock for writing if that is possible at once: 1, else 0. Context: any. */
export function down_write_trylock(sem: Ptr<rw_semaphore>): number {
  lock_point(sem);
  const at = rwsem_words(sem);
  if (at < 0 || i32[at + COUNT] !== 0) return 0;
  i32[at + COUNT] = WRITER;
  lock_acquire(this_cpu.current, sem, HELD_SLEEPS | HELD_TRYLOCK);
  return 1;
}

/** Leaves a lock taken for reading. Context: process. */
export function up_read(sem: Ptr<rw_semaphore>): void {
  lock_point(sem);
  if (!lock_release(this_cpu.current, sem)) report_unlock_imbalance('mutex', sem);
  const at = rwsem_words(sem);
  if (at < 0 || i32[at + COUNT]! <= 0) return;
  i32[at + COUNT]!--;
  hand_on(sem, at);
}

/** Leaves a lock taken for writing. Context: process. */
export function up_write(sem: Ptr<rw_semaphore>): void {
  lock_point(sem);
  if (!lock_release(this_cpu.current, sem)) report_unlock_imbalance('mutex', sem);
  const at = rwsem_words(sem);
  if (at < 0 || i32[at + COUNT] !== WRITER) return;
  i32[at + COUNT] = 0;
  hand_on(sem, at);
}

/** A writer goes on as a reader; readers that waited behind it may come in. Context: process. */
export function downgrade_write(sem: Ptr<rw_semaphore>): void {
  lock_point(sem);
  const task = this_cpu.current;
  if (!lock_release(task, sem)) report_unlock_imbalance('mutex', sem);
  const at = rwsem_words(sem);
  if (at < 0 || i32[at + COUNT] !== WRITER) return;
  i32[at + COUNT] = 1;
  lock_acquire(task, sem, HELD_SLEEPS | HELD_READ);
  hand_on(sem, at);
}

/** Those whose turn it is get the lock: a writer alone, or readers up to the next writer. */
function hand_on(sem: Ptr<rw_semaphore>, at: number): void {
  const generation = i32[at + GENERATION]!;
  for (;;) {
    const next = waiters_of(sem, generation)[0];
    if (next === undefined || i32[at + COUNT] === WRITER || (next.write && i32[at + COUNT] !== 0)) return;
    i32[at + COUNT] = next.write ? WRITER : i32[at + COUNT]! + 1;
    grant_first(sem);
  }
}

/** 1 while anybody has the lock. Context: any. */
export function rwsem_is_locked(sem: Ptr<rw_semaphore>): number {
  lock_point(sem);
  const at = lock_words(sem, rw_semaphore.size);
  return +(at >= 0 && i32[at + COUNT] !== 0);
}
