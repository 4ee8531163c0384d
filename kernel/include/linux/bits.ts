/**
 * Bit masks. `unsigned long` is 32 bits wide here, so a mask is a number from 0 to 0xffffffff; the _ULL forms are
 * bigints. JavaScript's `&` gives a signed result: test a mask with `(x & BIT(31)) !== 0`, not with `=== BIT(31)`.
 *
 * Follows include/linux/bits.h and include/vdso/bits.h.
 */

export const BITS_PER_BYTE = 8;
export const BITS_PER_LONG = 32;
export const BITS_PER_LONG_LONG = 64;

/** A shift by the word's width or more means another thing on every machine: it is refused on this one. */
function check_bit(nr: number, width: number): void {
  if (!Number.isInteger(nr) || nr < 0 || nr >= width) {
    throw new RangeError(`bit ${nr} is not in a word of ${width} bits`);
  }
}

/**
 * The word with bit `nr` set, 0 to 31. Throws RangeError on any other.
 *
 * Context: any. Source: include/vdso/bits.h.
 */
export function BIT(nr: number): number {
  check_bit(nr, BITS_PER_LONG);
  return (1 << nr) >>> 0;
}

/**
 * The 64-bit word with bit `nr` set, 0 to 63. Throws RangeError on any other.
 *
 * Context: any. Source: include/linux/bits.h.
 */
export function BIT_ULL(nr: number): bigint {
  check_bit(nr, BITS_PER_LONG_LONG);
  return 1n << BigInt(nr);
}

/**
 * The bit's mask in its own word of a bitmap.
 *
 * Context: any. Source: include/linux/bits.h.
 */
export function BIT_MASK(nr: number): number {
  return (1 << nr % BITS_PER_LONG) >>> 0;
}

/**
 * The index of the bit's word in a bitmap.
 *
 * Context: any. Source: include/linux/bits.h.
 */
export function BIT_WORD(nr: number): number {
  return Math.floor(nr / BITS_PER_LONG);
}

/**
 * Bits `h` down to `l`, both included: GENMASK(7, 4) is 0xf0. Throws RangeError where they are swapped or outside.
 *
 * Context: any. Source: include/linux/bits.h.
 */
export function GENMASK(h: number, l: number): number {
  check_bit(h, BITS_PER_LONG);
  check_bit(l, h + 1);
  return ((0xffffffff >>> (BITS_PER_LONG - 1 - h)) & (0xffffffff << l)) >>> 0;
}

/**
 * {@link GENMASK} over 64 bits.
 *
 * Context: any. Source: include/linux/bits.h.
 */
export function GENMASK_ULL(h: number, l: number): bigint {
  check_bit(h, BITS_PER_LONG_LONG);
  check_bit(l, h + 1);
  return (1n << BigInt(h + 1)) - (1n << BigInt(l));
}
