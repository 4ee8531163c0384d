/** The rwlock in memory. Follows include/linux/rwlock_types.h with CONFIG_DEBUG_SPINLOCK. */
import { point } from '../arch/point.js';
import { s32, struct, u32 } from '../lib/struct.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { define_static } from './lock_memory.js';
import { set_lock_name } from './lock_name.js';
import { debug_check_no_locks_freed } from './lockdep.js';
import { init_lock_words } from './spinlock_types.js';

/** 16 bytes, word for word as a spinlock_t. */
export const rwlock_t = struct('rwlock', { raw_lock: u32, magic: u32, owner_cpu: s32, owner: u32 });
export type rwlock_t = Struct<'rwlock'>;

export const RWLOCK_MAGIC = 0xdeaf1eed | 0;

/** The lock word, as the queued rwlock has it: a writer has it, somebody waits, and the number of readers above. */
export const QW_LOCKED = 0xff;
export const QW_WAITING = 0x100;
export const QR_BIAS = 0x200;

/** Makes a free lock of the memory at `lock`. Context: any. Source: include/linux/rwlock.h. */
export function rwlock_init(lock: Ptr<rwlock_t>, name?: string): void {
  point();
  debug_check_no_locks_freed(lock, rwlock_t.size);
  init_lock_words(lock, RWLOCK_MAGIC);
  set_lock_name(lock, name);
}

/** A static lock, ready for use: `const l = DEFINE_RWLOCK('l')`. Context: process, module load as a rule. */
export function DEFINE_RWLOCK(name: string): Ptr<rwlock_t> {
  point();
  const lock = define_static(rwlock_t, name);
  init_lock_words(lock, RWLOCK_MAGIC);
  return lock;
}
