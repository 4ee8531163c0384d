/** The words of a lock in kernel memory. */
import { kernel } from '../current.js';
import { check_access } from '../mm/kasan/kasan.js';
import { PAGE_OFFSET } from '../mm/layout.js';
import type { Ptr } from '../mm/pointer.js';
import { u8 } from '../mm/ram.js';
import { alloc_static } from '../mm/static_area.js';
import type { Type } from '../lib/struct.js';
import { set_lock_name } from './lock_name.js';

/**
 * Index into `i32` of an object's first word, or -1 where there is no such memory; that has been reported then, as
 * is an object that is not all there.
 */
export function lock_words(address: number, size: number): number {
  const offset = ((address | 0) - PAGE_OFFSET) >>> 0;
  if (!check_access(address, size, true)) return -1;
  if ((offset & 3) === 0 && offset + size <= u8.length) return offset >>> 2;
  throw new TypeError(`not the address of a lock: 0x${(address >>> 0).toString(16)} is not aligned to 4`);
}

/** Storage for `DEFINE_SPINLOCK(name)` and its like: static data of the module whose code runs. */
export function define_static<T>(type: Type<unknown, T>, name: string): Ptr<T> {
  // Aligned to 16, a lock is checked with one look at the shadow.
  const address = alloc_static(type.size, 16, kernel.modules.static_owner(), name) as Ptr<T>;
  set_lock_name(address, name);
  return address;
}

/** Clears an object that is about to be initialised. Returns the index of its first word, or -1. */
export function clear_words(address: number, size: number): number {
  const at = lock_words(address, size);
  if (at >= 0) u8.fill(0, at << 2, (at << 2) + size);
  return at;
}
