/** The arithmetic of linux/kernel.h and linux/bits.h. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BIT, BIT_MASK, BIT_ULL, BIT_WORD, GENMASK, GENMASK_ULL } from '../../kernel/include/linux/bits.js';
import {
  ALIGN,
  ALIGN_DOWN,
  DIV_ROUND_CLOSEST,
  DIV_ROUND_UP,
  IS_ALIGNED,
  abs,
  clamp,
  lower_32_bits,
  max,
  max3,
  min,
  min3,
  rounddown,
  roundup,
  upper_32_bits,
} from '../../kernel/include/linux/kernel.js';

test('min, max, clamp and abs, of numbers and bigints', () => {
  expect([min(1, 2), max(1, 2), min3(3, 1, 2), max3(3, 1, 2)]).toEqual([1, 2, 1, 3]);
  expect([min(1n, 2n), max(1n, 2n), abs(-3n), abs(-3)]).toEqual([1n, 2n, 3n, 3]);
  expect([clamp(5, 0, 3), clamp(-5, 0, 3), clamp(2, 0, 3)]).toEqual([3, 0, 2]);
});

describe('division', () => {
  test.each([
    [0, 4, 0],
    [1, 4, 1],
    [4, 4, 1],
    [5, 4, 2],
  ])('DIV_ROUND_UP(%d, %d) is %d', (n, d, want) => {
    expect(DIV_ROUND_UP(n, d)).toBe(want);
  });

  test.each([
    [7, 2, 4],
    [-7, 2, -4],
    [7, -2, -4],
    [-7, -2, 4],
    [5, 4, 1],
    [6, 4, 2],
    [0, 3, 0],
  ])('DIV_ROUND_CLOSEST(%d, %d) is %d', (n, d, want) => {
    expect(DIV_ROUND_CLOSEST(n, d)).toBe(want);
  });

  test('by zero is no number', () => {
    expect(() => DIV_ROUND_UP(1, 0)).toThrow('division by zero');
    expect(() => rounddown(1, 0)).toThrow('division by zero');
  });
});

describe('rounding', () => {
  test('roundup and rounddown take any multiple', () => {
    expect([roundup(10, 3), roundup(9, 3), rounddown(10, 3)]).toEqual([12, 9, 9]);
  });

  test('ALIGN gives the multiples on either side, above 2^31 too', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xfffff000 }), fc.integer({ min: 0, max: 12 }), (x, log2) => {
        const a = 2 ** log2;
        const [low, high] = [ALIGN_DOWN(x, a), ALIGN(x, a)];
        expect(IS_ALIGNED(low, a) && IS_ALIGNED(high, a)).toBe(true);
        expect(low <= x && x <= high && high - low).toBe(IS_ALIGNED(x, a) ? 0 : a);
      }),
    );
  });

  test.each([0, 3, -4, 1.5, NaN])('%d is no alignment', (a) => {
    expect(() => ALIGN(1, a)).toThrow('power of two');
  });
});

describe('bits', () => {
  test('masks are unsigned', () => {
    expect([BIT(0), BIT(31), BIT_ULL(63)]).toEqual([1, 0x80000000, 1n << 63n]);
    expect([GENMASK(7, 4), GENMASK(31, 0), GENMASK(31, 31), GENMASK(0, 0)]).toEqual([0xf0, 0xffffffff, 0x80000000, 1]);
    expect([GENMASK_ULL(39, 21), GENMASK_ULL(63, 0)]).toEqual([0x000000ffffe00000n, (1n << 64n) - 1n]);
    expect([BIT_WORD(33), BIT_MASK(33), BIT_MASK(31)]).toEqual([1, 2, 0x80000000]);
    expect([upper_32_bits(0x123456789n), lower_32_bits(0x123456789n), upper_32_bits(-1), lower_32_bits(-1)]).toEqual([
      1, 0x23456789, 0xffffffff, 0xffffffff,
    ]);
  });

  test('a bit outside the word is refused', () => {
    expect(() => BIT(32)).toThrow('bit 32 is not in a word of 32 bits');
    expect(() => BIT(-1)).toThrow(RangeError);
    expect(() => BIT_ULL(64)).toThrow(RangeError);
    expect(() => GENMASK(4, 7)).toThrow(RangeError);
    expect(() => GENMASK(32, 0)).toThrow(RangeError);
  });
});
