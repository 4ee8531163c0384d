/** The spinlock in memory. Follows include/linux/spinlock_types_raw.h with CONFIG_DEBUG_SPINLOCK. */
import { point } from '../arch/point.js';
import { s32, struct, u32 } from '../lib/struct.js';
import { PAGE_OFFSET } from '../mm/layout.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';
import { set_lock_name } from './lock_name.js';
import { define_static, lock_words } from './lock_memory.js';
import { debug_check_no_locks_freed } from './lockdep.js';

/** 16 bytes: the lock word, its magic number, and who has it. */
export const spinlock_t = struct('spinlock', { raw_lock: u32, magic: u32, owner_cpu: s32, owner: u32 });
export type spinlock_t = Struct<'spinlock'>;
export const raw_spinlock_t = spinlock_t;
export type raw_spinlock_t = spinlock_t;

/** Words of a lock. `owner` is the pid plus one: 0 is a null pointer, as in memory that was never initialised. */
export const RAW_LOCK = 0;
export const MAGIC = 1;
export const OWNER_CPU = 2;
export const OWNER = 3;

export const SPINLOCK_MAGIC = 0xdead4ead | 0;
export const OWNER_NONE = -1;

/** Values of the lock word: taken, and somebody waits, as in the queued spinlock. */
export const LOCKED = 0x1;
export const PENDING = 0x100;

/** Writes a free lock with this magic number. */
export function init_lock_words(address: number, magic: number): void {
  if (lock_words(address, spinlock_t.size) < 0) return;
  const at = (address - PAGE_OFFSET) >>> 2;
  i32[at + RAW_LOCK] = 0;
  i32[at + MAGIC] = magic;
  i32[at + OWNER_CPU] = -1;
  i32[at + OWNER] = OWNER_NONE;
}

/**
 * Makes a free lock of the memory at `lock`. `name` is what reports call it, as `"&dev->lock"`.
 *
 * Context: any. Source: include/linux/spinlock.h.
 */
export function spin_lock_init(lock: Ptr<spinlock_t>, name?: string): void {
  point();
  debug_check_no_locks_freed(lock, spinlock_t.size);
  init_lock_words(lock, SPINLOCK_MAGIC);
  set_lock_name(lock, name);
}

/** A static lock, ready for use: `const l = DEFINE_SPINLOCK('l')`. Context: process, module load as a rule. */
export function DEFINE_SPINLOCK(name: string): Ptr<spinlock_t> {
  point();
  const lock = define_static(spinlock_t, name);
  init_lock_words(lock, SPINLOCK_MAGIC);
  return lock;
}
