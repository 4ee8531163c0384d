/** The mutex in memory. Follows include/linux/mutex.h with CONFIG_DEBUG_MUTEXES. */
import { point } from '../arch/point.js';
import { struct, u32 } from '../lib/struct.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';
import { define_static, lock_words } from './lock_memory.js';
import { set_lock_name } from './lock_name.js';
import { lock_state } from './lock_state.js';
import { debug_check_no_locks_freed } from './lockdep.js';

/** 16 bytes: the owner's pid or 0, the mutex's own address as its magic number, and which initialisation it had. */
export const mutex = struct('mutex', { owner: u32, magic: u32, generation: u32, wait_list: u32 });
export type mutex = Struct<'mutex'>;

/** Words of a mutex. */
export const OWNER = 0;
export const MAGIC = 1;
export const GENERATION = 2;

function init(lock: Ptr<mutex>): void {
  const at = lock_words(lock, mutex.size);
  if (at < 0) return;
  i32[at + OWNER] = 0;
  i32[at + MAGIC] = lock;
  i32[at + GENERATION] = lock_state().generation();
}

/** Makes a free mutex of the memory at `lock`. Context: any. Source: include/linux/mutex.h. */
export function mutex_init(lock: Ptr<mutex>, name?: string): void {
  point();
  debug_check_no_locks_freed(lock, mutex.size);
  init(lock);
  set_lock_name(lock, name);
}

/** A static mutex, ready for use: `const m = DEFINE_MUTEX('m')`. Context: process, module load as a rule. */
export function DEFINE_MUTEX(name: string): Ptr<mutex> {
  point();
  const lock = define_static(mutex, name);
  init(lock);
  return lock;
}
