/**
 * Small arithmetic, and text to integer.
 *
 * Follows include/linux/kernel.h, minmax.h, math.h, align.h, limits.h and kstrtox.h.
 */
export {
  kstrtobool,
  kstrtoint,
  kstrtol,
  kstrtoll,
  kstrtos8,
  kstrtos16,
  kstrtos32,
  kstrtou8,
  kstrtou16,
  kstrtou32,
  kstrtouint,
  kstrtoul,
  kstrtoull,
} from '../../lib/kstrtox.js';
export type { kstrtox_result } from '../../lib/kstrtox.js';
export { might_sleep } from '../../sched/cond_resched.js';
export { non_block_end, non_block_start } from '../../sched/might_sleep.js';

export const CHAR_BIT = 8;
export const SCHAR_MAX = 0x7f;
export const UCHAR_MAX = 0xff;
export const SHRT_MAX = 0x7fff;
export const SHRT_MIN = -0x8000;
export const USHRT_MAX = 0xffff;
export const INT_MAX = 0x7fffffff;
export const INT_MIN = -0x80000000;
export const UINT_MAX = 0xffffffff;
export const LONG_MAX = INT_MAX;
export const LONG_MIN = INT_MIN;
export const ULONG_MAX = UINT_MAX;
export const LLONG_MAX = 0x7fffffffffffffffn;
export const LLONG_MIN = -0x8000000000000000n;
export const ULLONG_MAX = 0xffffffffffffffffn;

/** The smaller of two; like C's macro it wants both of one type. Context: any. Source: include/linux/minmax.h. */
export function min<T extends number | bigint>(x: T, y: T): T {
  return x < y ? x : y;
}

/** The larger of two. Context: any. Source: include/linux/minmax.h. */
export function max<T extends number | bigint>(x: T, y: T): T {
  return x > y ? x : y;
}

/** The smallest of three. Context: any. Source: include/linux/minmax.h. */
export function min3<T extends number | bigint>(x: T, y: T, z: T): T {
  return min(min(x, y), z);
}

/** The largest of three. Context: any. Source: include/linux/minmax.h. */
export function max3<T extends number | bigint>(x: T, y: T, z: T): T {
  return max(max(x, y), z);
}

/** `val` held between `lo` and `hi`, both included. Context: any. Source: include/linux/minmax.h. */
export function clamp<T extends number | bigint>(val: T, lo: T, hi: T): T {
  return min(max(val, lo), hi);
}

/** The value without its sign. Context: any. Source: include/linux/math.h. */
export function abs(x: number): number;
export function abs(x: bigint): bigint;
export function abs(x: number | bigint): number | bigint {
  return x < 0 ? -x : x;
}

/** How many elements an array has. Context: any. Source: include/linux/kernel.h. */
export function ARRAY_SIZE(array: { readonly length: number }): number {
  return array.length;
}

/** C's integer division. A machine traps on a divisor of zero, and an Infinity would travel on unseen. */
function quotient(n: number, d: number): number {
  if (d === 0) throw new RangeError('divide error: division by zero');
  return Math.trunc(n / d) + 0; // never -0
}

/** n / d, rounded up. Throws RangeError on division by zero. Context: any. Source: include/linux/math.h. */
export function DIV_ROUND_UP(n: number, d: number): number {
  return quotient(n + d - 1, d);
}

/** n / d, to the nearest, halves away from zero. Throws RangeError on division by zero. Context: any. Source: include/linux/math.h. */
export function DIV_ROUND_CLOSEST(n: number, d: number): number {
  const half = quotient(d, 2);
  return quotient(n > 0 === d > 0 ? n + half : n - half, d);
}

/** The next multiple of `y`, or `x`. `y` need not be a power of two. Context: any. Source: include/linux/math.h. */
export function roundup(x: number, y: number): number {
  return DIV_ROUND_UP(x, y) * y;
}

/** The last multiple of `y`, or `x`. `y` need not be a power of two. Context: any. Source: include/linux/math.h. */
export function rounddown(x: number, y: number): number {
  return quotient(x, y) * y;
}

function check_power_of_2(a: number): void {
  const log2 = Math.log2(a);
  if (!Number.isInteger(log2) || log2 < 0) throw new RangeError(`an alignment is a power of two: ${a} is none`);
}

/**
 * `x` raised to the next multiple of `a`. Throws RangeError where `a` is no power of two: C's masks would give a
 * wrong answer without a word.
 *
 * Context: any. Source: include/linux/align.h.
 */
export function ALIGN(x: number, a: number): number {
  check_power_of_2(a);
  return Math.ceil(x / a) * a + 0; // dividing by a power of two is exact
}

/** `x` lowered to a multiple of `a`, a power of two. Context: any. Source: include/linux/align.h. */
export function ALIGN_DOWN(x: number, a: number): number {
  check_power_of_2(a);
  return Math.floor(x / a) * a + 0;
}

/** {@link ALIGN} under its other name. Context: any. Source: include/linux/math.h. */
export const round_up = ALIGN;

/** {@link ALIGN_DOWN} under its other name. Context: any. Source: include/linux/math.h. */
export const round_down = ALIGN_DOWN;

/** Is `x` a multiple of `a`, a power of two? Context: any. Source: include/linux/align.h. */
export function IS_ALIGNED(x: number, a: number): boolean {
  check_power_of_2(a);
  return x % a === 0;
}

/** Bits 63 to 32. Context: any. Source: include/linux/kernel.h. */
export function upper_32_bits(n: number | bigint): number {
  return Number(BigInt.asUintN(32, BigInt(n) >> 32n));
}

/** Bits 31 to 0. Context: any. Source: include/linux/kernel.h. */
export function lower_32_bits(n: number | bigint): number {
  return Number(BigInt.asUintN(32, BigInt(n)));
}
