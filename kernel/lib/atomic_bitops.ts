/**
 * Bits of a bitmap in kernel memory, an array of 32-bit words. Follows include/asm-generic/bitops/atomic.h and
 * non-atomic.h, the sources of all functions; all may be called from any context. `nr` counts from bit 0 of `addr`.
 */
import { access_point, step_of_access } from '../arch/point.js';
import { load_u32, store_u32 } from '../mm/kasan/access.js';
import { check4, word_index } from '../mm/kasan/kasan.js';
import type { Ptr } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';

const WRITE = step_of_access(4, true);

/** Address of the word that holds a bit. */
function word(nr: number, addr: number): number {
  return addr + ((nr >> 5) << 2);
}

/** Sets, clears and flips bits of a word in one step; returns the word before. */
function modify(address: number, set: number, clear: number, flip: number): number {
  if (!check4(address, true)) return 0;
  const at = word_index(address);
  const old = i32[at]!;
  i32[at] = ((old | set) & ~clear) ^ flip;
  return old;
}

function mask(nr: number): number {
  return 1 << (nr & 31);
}

export function set_bit(nr: number, addr: Ptr): void {
  access_point(word(nr, addr), WRITE);
  modify(word(nr, addr), mask(nr), 0, 0);
}
export function clear_bit(nr: number, addr: Ptr): void {
  access_point(word(nr, addr), WRITE);
  modify(word(nr, addr), 0, mask(nr), 0);
}
export function change_bit(nr: number, addr: Ptr): void {
  access_point(word(nr, addr), WRITE);
  modify(word(nr, addr), 0, 0, mask(nr));
}
/** 1 where the bit was set before, as for the other `test_and_`. */
export function test_and_set_bit(nr: number, addr: Ptr): number {
  access_point(word(nr, addr), WRITE);
  return +((modify(word(nr, addr), mask(nr), 0, 0) & mask(nr)) !== 0);
}
export function test_and_clear_bit(nr: number, addr: Ptr): number {
  access_point(word(nr, addr), WRITE);
  return +((modify(word(nr, addr), 0, mask(nr), 0) & mask(nr)) !== 0);
}
export function test_and_change_bit(nr: number, addr: Ptr): number {
  access_point(word(nr, addr), WRITE);
  return +((modify(word(nr, addr), 0, 0, mask(nr)) & mask(nr)) !== 0);
}
/** 1 where the bit is set. */
export function test_bit(nr: number, addr: Ptr): number {
  return +((load_u32(word(nr, addr)) & mask(nr)) !== 0);
}

/** Not atomic, as the others with two underscores: another CPU, or an interrupt, may come in between read and write. */
export function __set_bit(nr: number, addr: Ptr): void {
  __test_and_set_bit(nr, addr);
}
export function __clear_bit(nr: number, addr: Ptr): void {
  __test_and_clear_bit(nr, addr);
}
export function __change_bit(nr: number, addr: Ptr): void {
  const address = word(nr, addr);
  store_u32(address, load_u32(address) ^ mask(nr));
}
export function __test_and_set_bit(nr: number, addr: Ptr): number {
  const address = word(nr, addr);
  const old = load_u32(address);
  store_u32(address, old | mask(nr));
  return +((old & mask(nr)) !== 0);
}
export function __test_and_clear_bit(nr: number, addr: Ptr): number {
  const address = word(nr, addr);
  const old = load_u32(address);
  store_u32(address, old & ~mask(nr));
  return +((old & mask(nr)) !== 0);
}

function find_next(addr: Ptr, size: number, from: number, invert: number): number {
  for (let nr = from; nr < size; nr = (nr | 31) + 1) {
    const value = (load_u32(word(nr, addr)) ^ invert) & (-1 << (nr & 31));
    if (value === 0) continue;
    return Math.min(size, (nr & ~31) + 31 - Math.clz32(value & -value));
  }
  return size;
}

/** Number of the first bit that is set among `size`, or `size`. Source: include/linux/find.h. */
export function find_first_bit(addr: Ptr, size: number): number {
  return find_next(addr, size, 0, 0);
}
/** As find_first_bit(), from bit `offset` on. Source: include/linux/find.h. */
export function find_next_bit(addr: Ptr, size: number, offset: number): number {
  return find_next(addr, size, offset, 0);
}
/** Number of the first bit that is not set among `size`, or `size`. Source: include/linux/find.h. */
export function find_first_zero_bit(addr: Ptr, size: number): number {
  return find_next(addr, size, 0, -1);
}
/** As find_first_zero_bit(), from bit `offset` on. Source: include/linux/find.h. */
export function find_next_zero_bit(addr: Ptr, size: number, offset: number): number {
  return find_next(addr, size, offset, -1);
}
