/** Taking and leaving a spinlock, apart from what its variants do with interrupts. Follows include/linux/spinlock.h. */
import type { Cpu } from '../arch/cpu.js';
import { PAGE_OFFSET } from '../mm/layout.js';
import { i32, lowmem_bytes, shadow } from '../mm/ram.js';
import { HELD_TRYLOCK, lock_acquire, lock_release } from './held_locks.js';
import { lock_words } from './lock_memory.js';
import { report_unlock_imbalance } from './lockdep.js';
import { queued_spin_lock_slowpath, queued_spin_unlock_slowpath } from './qspinlock.js';
import { debug_spin_lock_before, debug_spin_unlock } from './spinlock_debug.js';
import { LOCKED, MAGIC, OWNER, OWNER_CPU, OWNER_NONE, PENDING, RAW_LOCK, SPINLOCK_MAGIC } from './spinlock_types.js';

/** Bytes of a lock. */
const SIZE = 16;

/** Preemption is off already. */
export function do_raw_spin_lock(cpu: Cpu, lock: number): void {
  const offset = ((lock | 0) - PAGE_OFFSET) >>> 0;
  const at = offset >>> 2;
  if (
    offset < lowmem_bytes &&
    (shadow[offset >>> 3]! | shadow[(offset + 8) >>> 3]! | shadow[(offset + 12) >>> 3]! | (offset & 3)) === 0 &&
    i32[at + MAGIC] === SPINLOCK_MAGIC &&
    i32[at + RAW_LOCK] === 0
  ) {
    i32[at + RAW_LOCK] = LOCKED;
    i32[at + OWNER_CPU] = cpu.id;
    i32[at + OWNER] = cpu.current.pid + 1;
    lock_acquire(cpu.current, lock, 0);
  } else spin_lock_slow(cpu, lock);
}

function spin_lock_slow(cpu: Cpu, lock: number): void {
  const at = lock_words(lock, SIZE);
  if (at < 0) return;
  debug_spin_lock_before(lock, at);
  if (i32[at + RAW_LOCK] === 0) i32[at + RAW_LOCK] = LOCKED;
  else queued_spin_lock_slowpath(lock, at);
  i32[at + OWNER_CPU] = cpu.id;
  i32[at + OWNER] = cpu.current.pid + 1;
  lock_acquire(cpu.current, lock, 0);
}

/** Preemption is off already. Returns whether the lock was free. */
export function do_raw_spin_trylock(cpu: Cpu, lock: number): boolean {
  const at = lock_words(lock, SIZE);
  if (at < 0) return false;
  if (i32[at + MAGIC] !== SPINLOCK_MAGIC) debug_spin_lock_before(lock, at);
  if (i32[at + RAW_LOCK] !== 0) return false;
  i32[at + RAW_LOCK] = LOCKED;
  i32[at + OWNER_CPU] = cpu.id;
  i32[at + OWNER] = cpu.current.pid + 1;
  lock_acquire(cpu.current, lock, HELD_TRYLOCK);
  return true;
}

/** Preemption is still off afterwards. */
export function do_raw_spin_unlock(cpu: Cpu, lock: number): void {
  const offset = ((lock | 0) - PAGE_OFFSET) >>> 0;
  const at = offset >>> 2;
  const task = cpu.current;
  if (
    offset < lowmem_bytes &&
    (shadow[offset >>> 3]! | shadow[(offset + 8) >>> 3]! | shadow[(offset + 12) >>> 3]! | (offset & 3)) === 0 &&
    i32[at + MAGIC] === SPINLOCK_MAGIC &&
    i32[at + RAW_LOCK] === LOCKED &&
    i32[at + OWNER_CPU] === cpu.id &&
    i32[at + OWNER] === task.pid + 1 &&
    lock_release(task, lock)
  ) {
    i32[at + OWNER_CPU] = -1;
    i32[at + OWNER] = OWNER_NONE;
    i32[at + RAW_LOCK] = 0;
  } else spin_unlock_slow(cpu, lock);
}

function spin_unlock_slow(cpu: Cpu, lock: number): void {
  const at = lock_words(lock, SIZE);
  if (!lock_release(cpu.current, lock)) report_unlock_imbalance('spinlock', lock);
  if (at < 0) return;
  debug_spin_unlock(lock, at);
  i32[at + OWNER_CPU] = -1;
  i32[at + OWNER] = OWNER_NONE;
  if ((i32[at + RAW_LOCK]! & PENDING) !== 0) queued_spin_unlock_slowpath(lock, at);
  else i32[at + RAW_LOCK] = 0;
}
