/**
 * Memory and strings. Linux: include/linux/string.h, lib/string.c. Each call is one preemption point and checks the
 * ranges that it touches, as KASAN's interceptors do. Context of all: any.
 *
 * The last functions cross the border between kernel memory and JavaScript's own strings and bytes.
 */
import { point } from '../../arch/point.js';
import { check_access, check_copy } from '../../mm/kasan/kasan.js';
import type { Ptr, Struct } from '../../mm/pointer.js';
import { u8 } from '../../mm/ram.js';
import { offset_of } from '../../mm/kasan/record.js';
import { decode, encode, strlen_at } from '../../mm/text.js';
import { E2BIG } from './errno.js';

export { kmemdup, kstrdup, kstrndup } from '../../mm/util.js';

type Chars = Ptr<Struct<'char'>>;

const UNLIMITED = 0xffffffff;

/** Fills `n` bytes with the low byte of `c`. Returns p. */
export function memset<T>(p: Ptr<T>, c: number, n: number): Ptr<T> {
  point();
  if (check_access(p, n, true)) u8.fill(c, offset_of(p), offset_of(p) + n);
  return p;
}

function copy(dest: Ptr, src: Ptr, n: number): void {
  if (check_copy(dest, src, n)) u8.copyWithin(offset_of(dest), offset_of(src), offset_of(src) + n);
}

/** Copies `n` bytes; the ranges must not overlap. Returns dest. */
export function memcpy<T>(dest: Ptr<T>, src: Ptr, n: number): Ptr<T> {
  point();
  copy(dest, src, n);
  return dest;
}

/** Copies `n` bytes; the ranges may overlap. Returns dest. */
export function memmove<T>(dest: Ptr<T>, src: Ptr, n: number): Ptr<T> {
  point();
  copy(dest, src, n);
  return dest;
}

/** Below, at or above 0 as the first byte that differs is smaller, there is none, or it is larger. */
export function memcmp(a: Ptr, b: Ptr, n: number): number {
  point();
  if (!check_access(a, n, false) || !check_access(b, n, false)) return 0;
  for (let i = 0; i < n; i++) {
    const difference = u8[offset_of(a) + i]! - u8[offset_of(b) + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Address of the first byte that is `c`, or null. */
export function memchr(p: Ptr, c: number, n: number): Ptr | null {
  point();
  if (!check_access(p, n, false)) return null;
  const at = u8.subarray(offset_of(p), offset_of(p) + n).indexOf(c & 0xff);
  return at < 0 ? null : ((p + at) as Ptr);
}

/** Bytes before the terminator. */
export function strlen(s: Ptr): number {
  point();
  return strlen_at(s, UNLIMITED);
}

/** Bytes before the terminator, at most `max`; no byte past them is read. */
export function strnlen(s: Ptr, max: number): number {
  point();
  return strlen_at(s, max);
}

/** Copies a string with its terminator. Returns dest. */
export function strcpy<T>(dest: Ptr<T>, src: Ptr): Ptr<T> {
  point();
  copy(dest, src, strlen_at(src, UNLIMITED) + 1);
  return dest;
}

/** Copies at most `count` bytes and pads with zeros; a source that is too long leaves no terminator. Returns dest. */
export function strncpy<T>(dest: Ptr<T>, src: Ptr, count: number): Ptr<T> {
  point();
  const length = strlen_at(src, count);
  if (check_access(dest, count, true)) {
    u8.copyWithin(offset_of(dest), offset_of(src), offset_of(src) + length);
    u8.fill(0, offset_of(dest) + length, offset_of(dest) + count);
  }
  return dest;
}

/** Copies a string into `count` bytes and always terminates it. Returns its length, or -E2BIG where it was cut. */
export function strscpy(dest: Ptr, src: Ptr, count: number): number {
  point();
  if (count === 0) return -E2BIG;
  const length = strlen_at(src, count);
  const kept = Math.min(length, count - 1);
  copy(dest, src, kept);
  if (check_access(dest + kept, 1, true)) u8[offset_of(dest + kept)] = 0;
  return length === count ? -E2BIG : length;
}

/** Appends a string. Returns dest. */
export function strcat<T>(dest: Ptr<T>, src: Ptr): Ptr<T> {
  point();
  copy((dest + strlen_at(dest, UNLIMITED)) as Ptr, src, strlen_at(src, UNLIMITED) + 1);
  return dest;
}

/** Below, at or above 0, as memcmp(). */
export function strcmp(a: Ptr, b: Ptr): number {
  return strncmp(a, b, UNLIMITED);
}

/** As strcmp(), of at most `n` bytes. */
export function strncmp(a: Ptr, b: Ptr, n: number): number {
  point();
  for (let i = 0; i < n; i++) {
    if (!check_access(a + i, 1, false) || !check_access(b + i, 1, false)) return 0;
    const left = u8[offset_of(a + i)]!;
    const right = u8[offset_of(b + i)]!;
    if (left !== right) return left < right ? -1 : 1;
    if (left === 0) return 0;
  }
  return 0;
}

/** Address of the first `c` of a string, or null; its terminator counts. */
export function strchr(s: Ptr, c: number): Chars | null {
  point();
  const length = strlen_at(s, UNLIMITED);
  const at = u8.subarray(offset_of(s), offset_of(s) + length + 1).indexOf(c & 0xff);
  return at < 0 ? null : ((s + at) as Chars);
}

/**
 * Writes a JavaScript string at `p` as UTF-8 with a terminator. Returns the bytes written, the terminator included.
 */
export function copy_string(p: Ptr, text: string): number {
  point();
  const bytes = encode(text);
  if (check_access(p, bytes.length + 1, true)) {
    u8.set(bytes, offset_of(p));
    u8[offset_of(p) + bytes.length] = 0;
  }
  return bytes.length + 1;
}

/** The string at `p`, of at most `max` bytes, as a JavaScript string. */
export function read_string(p: Ptr, max: number = UNLIMITED): string {
  point();
  const length = strlen_at(p, max);
  return decode(u8.slice(offset_of(p), offset_of(p) + length));
}

/** A copy of `n` bytes of kernel memory. */
export function bytes(p: Ptr, n: number): Uint8Array {
  point();
  return check_access(p, n, false) ? u8.slice(offset_of(p), offset_of(p) + n) : new Uint8Array(n);
}

/** Copies bytes into kernel memory at `p`. */
export function copy_bytes(p: Ptr, from: Uint8Array): void {
  point();
  if (check_access(p, from.length, true)) u8.set(from, offset_of(p));
}
