/**
 * Taking and leaving a rwlock. Follows kernel/locking/qrwlock.c and rwlock_debug in spinlock_debug.c: those who wait
 * have their turn in order of arrival, except that a reader in an interrupt does not queue behind a writer that waits.
 */
import { arch } from '../arch/arch.js';
import { this_cpu } from '../arch/cpu.js';
import { in_interrupt } from '../include/linux/preempt.js';
import { hex8 } from '../mm/layout.js';
import { i32 } from '../mm/ram.js';
import { HELD_READ, HELD_TRYLOCK, held_index, lock_acquire, lock_release } from './held_locks.js';
import { lock_words } from './lock_memory.js';
import { lock_report, report_recursive_locking, report_unlock_imbalance } from './lockdep.js';
import { lock_state, type Spinner } from './lock_state.js';
import { QR_BIAS, QW_LOCKED, QW_WAITING, RWLOCK_MAGIC, rwlock_t } from './rwlock_types.js';
import { spin_wait } from './spin_wait.js';
import { lock_owner, spin_dump } from './spinlock_debug.js';
import { MAGIC, OWNER, OWNER_CPU, OWNER_NONE, RAW_LOCK } from './spinlock_types.js';

/** Follows rwlock_bug(). */
function rwlock_bug(lock: number, msg: string): void {
  const { id, current } = this_cpu;
  lock_report('spinlock', `BUG: rwlock ${msg} on CPU#${id}, ${current.comm}/${current.pid}, ${hex8(lock)}`);
}

/** Index of the lock's first word, or -1 where there is none. */
function rwlock_words(lock: number): number {
  const at = lock_words(lock, rwlock_t.size);
  if (at >= 0 && i32[at + MAGIC] !== RWLOCK_MAGIC) rwlock_bug(lock, 'bad magic');
  return at;
}

function own(at: number): void {
  i32[at + OWNER_CPU] = this_cpu.id;
  i32[at + OWNER] = this_cpu.current.pid + 1;
}

/** Preemption is off already, as for all of these. */
export function do_raw_read_lock(lock: number): void {
  const at = rwlock_words(lock);
  if (at < 0) return;
  const task = this_cpu.current;
  // In an interrupt a second reader does not queue, so it cannot lock itself out.
  if (held_index(task, lock) >= 0 && in_interrupt() === 0) report_recursive_locking('spinlock', lock);
  if ((i32[at + RAW_LOCK]! & (QW_LOCKED | QW_WAITING)) === 0) i32[at + RAW_LOCK]! += QR_BIAS;
  else wait_for_turn(lock, at, false);
  lock_acquire(task, lock, HELD_READ);
}

export function do_raw_write_lock(lock: number): void {
  const at = rwlock_words(lock);
  if (at < 0) return;
  const task = this_cpu.current;
  if (held_index(task, lock) >= 0) report_recursive_locking('spinlock', lock);
  if (i32[at + RAW_LOCK] === 0) i32[at + RAW_LOCK] = QW_LOCKED;
  else wait_for_turn(lock, at, true);
  own(at);
  lock_acquire(task, lock, 0);
}

export function do_raw_read_trylock(lock: number): boolean {
  const at = rwlock_words(lock);
  if (at < 0 || (i32[at + RAW_LOCK]! & (QW_LOCKED | QW_WAITING)) !== 0) return false;
  i32[at + RAW_LOCK]! += QR_BIAS;
  lock_acquire(this_cpu.current, lock, HELD_READ | HELD_TRYLOCK);
  return true;
}

export function do_raw_write_trylock(lock: number): boolean {
  const at = rwlock_words(lock);
  if (at < 0 || i32[at + RAW_LOCK] !== 0) return false;
  i32[at + RAW_LOCK] = QW_LOCKED;
  own(at);
  lock_acquire(this_cpu.current, lock, HELD_TRYLOCK);
  return true;
}

export function do_raw_read_unlock(lock: number): void {
  if (!lock_release(this_cpu.current, lock)) report_unlock_imbalance('spinlock', lock);
  const at = rwlock_words(lock);
  if (at < 0 || i32[at + RAW_LOCK]! < QR_BIAS) return;
  i32[at + RAW_LOCK]! -= QR_BIAS;
  wake_spinners(lock, at);
}

export function do_raw_write_unlock(lock: number): void {
  if (!lock_release(this_cpu.current, lock)) report_unlock_imbalance('spinlock', lock);
  const at = rwlock_words(lock);
  if (at < 0) return;
  if (i32[at + OWNER] !== this_cpu.current.pid + 1) rwlock_bug(lock, 'wrong owner');
  else if (i32[at + OWNER_CPU] !== this_cpu.id) rwlock_bug(lock, 'wrong CPU');
  i32[at + OWNER_CPU] = -1;
  i32[at + OWNER] = OWNER_NONE;
  i32[at + RAW_LOCK]! &= ~QW_LOCKED;
  wake_spinners(lock, at);
}

/** Whether a waiter may have the lock now. */
function stands_in_the_way(at: number, write: boolean): boolean {
  return (i32[at + RAW_LOCK]! & (write ? ~QW_WAITING : QW_LOCKED)) !== 0;
}

function wait_for_turn(lock: number, at: number, write: boolean): void {
  const { spinners } = lock_state();
  const me: Spinner = { cpu: this_cpu.id, write };
  let line = spinners.get(lock);
  if (line === undefined) spinners.set(lock, (line = []));
  const queue = line;
  if (!write && in_interrupt() !== 0) queue.unshift(me);
  else queue.push(me);
  i32[at + RAW_LOCK]! |= QW_WAITING;
  spin_wait(
    'rwlock',
    lock,
    () => queue[0] !== me || stands_in_the_way(at, write),
    () => holders(lock, at, queue, me),
    (print) => {
      spin_dump(print, lock, at);
    },
  );
  queue.splice(queue.indexOf(me), 1);
  if (write) i32[at + RAW_LOCK] = i32[at + RAW_LOCK]! | QW_LOCKED;
  else i32[at + RAW_LOCK]! += QR_BIAS;
  if (queue.length > 0) {
    wake_spinners(lock, at);
    return;
  }
  spinners.delete(lock);
  i32[at + RAW_LOCK]! &= ~QW_WAITING;
}

/** CPUs that have the lock, or come earlier. */
function holders(lock: number, at: number, queue: readonly Spinner[], me: Spinner): number {
  let mask = 0;
  const writer = (i32[at + RAW_LOCK]! & QW_LOCKED) !== 0 ? lock_owner(at) : null;
  for (const cpu of arch.cpus) {
    const reads = me.write && writer === null && held_index(cpu.current, lock) >= 0;
    if (reads || (writer !== null && cpu.current === writer)) mask |= 1 << cpu.id;
  }
  for (const spinner of queue) {
    if (spinner === me) break;
    mask |= 1 << spinner.cpu;
  }
  return mask;
}

/** The first of those who wait may be able to go on. */
function wake_spinners(lock: number, at: number): void {
  if ((i32[at + RAW_LOCK]! & QW_WAITING) === 0) return;
  const next = lock_state().spinners.get(lock)?.[0];
  if (next !== undefined && !stands_in_the_way(at, next.write)) arch.notify(arch.cpus[next.cpu]!);
}
