/** Taking and leaving a spinlock, apart from what its variants do with interrupts. Follows include/linux/spinlock.h. */
import type { Cpu } from '../arch/cpu.js';
import { i32, lowmem_bytes, shadow, shadow16 } from '../mm/ram.js';
import { HELD_TRYLOCK, lock_acquire, lock_release } from './held_locks.js';
import { lock_words } from './lock_memory.js';
import { report_unlock_imbalance } from './lockdep.js';
import { queued_spin_lock_slowpath, queued_spin_unlock_slowpath } from './qspinlock.js';
import { debug_spin_lock_before, debug_spin_unlock } from './spinlock_debug.js';

// The engine folds a constant of this file and not an imported one, which costs a load and its checks at each use: on
// these paths that was a third of the time. So they are here once more; spinlock_types.ts and layout.ts have them.
const PAGE_OFFSET = 0x40000000;
/** Bytes of a lock. */
const SIZE = 16;
const RAW_LOCK = 0;
const MAGIC = 1;
const OWNER_CPU = 2;
const OWNER = 3;
const SPINLOCK_MAGIC = 0xdead4ead | 0;
const OWNER_NONE = -1;
const LOCKED = 0x1;
const PENDING = 0x100;

/** Whether all of a lock may be accessed: one look where it lies within two granules of the shadow, as most do. */
function all_there(offset: number): boolean {
  if (offset >= lowmem_bytes) return false;
  if ((offset & 15) === 0) return shadow16[offset >>> 4] === 0;
  return (shadow[offset >>> 3]! | shadow[(offset + 8) >>> 3]! | shadow[(offset + 12) >>> 3]! | (offset & 3)) === 0;
}

/** Preemption is off already. */
export function do_raw_spin_lock(cpu: Cpu, lock: number): void {
  const offset = ((lock | 0) - PAGE_OFFSET) >>> 0;
  const at = offset >>> 2;
  const words = i32;
  if (all_there(offset) && words[at + MAGIC] === SPINLOCK_MAGIC && words[at + RAW_LOCK] === 0) {
    const task = cpu.current;
    words[at + RAW_LOCK] = LOCKED;
    words[at + OWNER_CPU] = cpu.id;
    words[at + OWNER] = task.pid + 1;
    lock_acquire(task, lock, 0);
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
  const words = i32;
  const task = cpu.current;
  if (
    all_there(offset) &&
    words[at + MAGIC] === SPINLOCK_MAGIC &&
    words[at + RAW_LOCK] === LOCKED &&
    words[at + OWNER_CPU] === cpu.id &&
    words[at + OWNER] === task.pid + 1 &&
    lock_release(task, lock)
  ) {
    words[at + OWNER_CPU] = -1;
    words[at + OWNER] = OWNER_NONE;
    words[at + RAW_LOCK] = 0;
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
