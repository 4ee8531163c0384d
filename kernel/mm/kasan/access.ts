/**
 * Checked access to kernel memory: what the compiler's __asan_load4() and its like do under KASAN.
 * Linux: mm/kasan/generic.c.
 *
 * Each access is a preemption point and then one indivisible step. A bad one is reported; where the rule is not
 * set to panic, an access inside of RAM is then done all the same, and a wild one reads as 0 or is dropped.
 * Unaligned accesses are allowed, as on x86. Context of all: any.
 *
 * The fast path is one shadow byte and the access: what is not lowmem has no shadow, or one that forbids it. A
 * granule that is accessible in part takes the slow path. `addr | 0` makes a stray undefined or NaN a null pointer
 * rather than the first byte of RAM.
 */
import { access_point, step_of_access } from '../../arch/point.js';
import { check_access } from './kasan.js';
import { PAGE_OFFSET } from '../layout.js';
import { i16, i32, i8, shadow, u16, u32, u8, view } from '../ram.js';

// An imported constant costs a load and a check at each use; a constant of this file costs nothing.
const RAM_START = PAGE_OFFSET;
const READ_1 = step_of_access(1, false);
const READ_2 = step_of_access(2, false);
const READ_4 = step_of_access(4, false);
const READ_8 = step_of_access(8, false);
const WRITE_1 = step_of_access(1, true);
const WRITE_2 = step_of_access(2, true);
const WRITE_4 = step_of_access(4, true);
const WRITE_8 = step_of_access(8, true);

/** Reads an unsigned byte. */
export function load_u8(addr: number): number {
  access_point(addr, READ_1);
  const offset = ((addr | 0) - RAM_START) >>> 0;
  if (shadow[offset >>> 3] === 0) return u8[offset]!;
  return check_access(addr, 1, false) ? u8[offset]! : 0;
}

/** Reads a signed byte. */
export function load_s8(addr: number): number {
  access_point(addr, READ_1);
  const offset = ((addr | 0) - RAM_START) >>> 0;
  if (shadow[offset >>> 3] === 0) return i8[offset]!;
  return check_access(addr, 1, false) ? i8[offset]! : 0;
}

/** Reads an unsigned 16-bit number. */
export function load_u16(addr: number): number {
  access_point(addr, READ_2);
  const offset = ((addr | 0) - RAM_START) >>> 0;
  if (shadow[offset >>> 3] === 0 && (offset & 1) === 0) return u16[offset >>> 1]!;
  return check_access(addr, 2, false) ? view.getUint16(offset, true) : 0;
}

/** Reads a signed 16-bit number. */
export function load_s16(addr: number): number {
  access_point(addr, READ_2);
  const offset = ((addr | 0) - RAM_START) >>> 0;
  if (shadow[offset >>> 3] === 0 && (offset & 1) === 0) return i16[offset >>> 1]!;
  return check_access(addr, 2, false) ? view.getInt16(offset, true) : 0;
}

/** Reads an unsigned 32-bit number. */
export function load_u32(addr: number): number {
  access_point(addr, READ_4);
  const offset = ((addr | 0) - RAM_START) >>> 0;
  if (shadow[offset >>> 3] === 0 && (offset & 3) === 0) return u32[offset >>> 2]!;
  return check_access(addr, 4, false) ? view.getUint32(offset, true) : 0;
}

/** Reads a signed 32-bit number. */
export function load_s32(addr: number): number {
  access_point(addr, READ_4);
  const offset = ((addr | 0) - RAM_START) >>> 0;
  if (shadow[offset >>> 3] === 0 && (offset & 3) === 0) return i32[offset >>> 2]!;
  return check_access(addr, 4, false) ? view.getInt32(offset, true) : 0;
}

/** Reads an unsigned 64-bit number. */
export function load_u64(addr: number): bigint {
  access_point(addr, READ_8);
  return check_access(addr, 8, false) ? view.getBigUint64((addr | 0) - RAM_START, true) : 0n;
}

/** Reads a signed 64-bit number. */
export function load_s64(addr: number): bigint {
  return BigInt.asIntN(64, load_u64(addr));
}

/** Writes a byte, signed or not; higher bits are dropped, as in C. */
export function store_u8(addr: number, value: number): void {
  access_point(addr, WRITE_1);
  const offset = ((addr | 0) - RAM_START) >>> 0;
  if (shadow[offset >>> 3] === 0) u8[offset] = value;
  else if (check_access(addr, 1, true)) u8[offset] = value;
}

/** Writes a 16-bit number, signed or not; higher bits are dropped, as in C. */
export function store_u16(addr: number, value: number): void {
  access_point(addr, WRITE_2);
  const offset = ((addr | 0) - RAM_START) >>> 0;
  if (shadow[offset >>> 3] === 0 && (offset & 1) === 0) u16[offset >>> 1] = value;
  else if (check_access(addr, 2, true)) view.setUint16(offset, value, true);
}

/** Writes a 32-bit number, signed or not; higher bits are dropped, as in C. */
export function store_u32(addr: number, value: number): void {
  access_point(addr, WRITE_4);
  const offset = ((addr | 0) - RAM_START) >>> 0;
  if (shadow[offset >>> 3] === 0 && (offset & 3) === 0) u32[offset >>> 2] = value;
  else if (check_access(addr, 4, true)) view.setUint32(offset, value, true);
}

/** Writes a 64-bit number, signed or not; higher bits are dropped. */
export function store_u64(addr: number, value: bigint): void {
  access_point(addr, WRITE_8);
  if (check_access(addr, 8, true)) view.setBigUint64((addr | 0) - RAM_START, BigInt.asUintN(64, value), true);
}
