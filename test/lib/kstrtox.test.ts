import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EINVAL, ERANGE } from '../../kernel/include/linux/errno.js';
import {
  kstrtobool,
  kstrtoint,
  kstrtol,
  kstrtoll,
  kstrtos8,
  kstrtou8,
  kstrtou16,
  kstrtouint,
  kstrtoul,
  kstrtoull,
} from '../../kernel/include/linux/kernel.js';

describe('kstrtoint', () => {
  test.each([
    ['0', 0, 0],
    ['42', 0, 42],
    ['+42', 0, 42],
    ['-42', 0, -42],
    ['42\n', 0, 42],
    ['0x2a', 0, 42],
    ['0X2A', 0, 42],
    ['-0x2a', 0, -42],
    ['052', 0, 42],
    ['052', 10, 52],
    ['2a', 16, 42],
    ['0x2a', 16, 42],
    ['101010', 2, 42],
    ['2147483647', 10, 2147483647],
    ['-2147483648', 10, -2147483648],
    ['42\0 and what lies behind', 10, 42],
  ])('%j in base %d is %d', (text, base, value) => {
    expect(kstrtoint(text, base)).toEqual({ err: 0, value });
  });

  test.each(['', '\n', '-', '+', '+-5', '-+5', ' 5', '5 ', '5\n\n', '0x', '08', '0xg', '5a', 'dog'])('%j is -EINVAL', (text) => {
    expect(kstrtoint(text, 0)).toEqual({ err: -EINVAL, value: 0 });
  });

  test.each(['2147483648', '-2147483649', '99999999999999999999999'])('%j is -ERANGE', (text) => {
    expect(kstrtoint(text, 0)).toEqual({ err: -ERANGE, value: 0 });
  });

  test('the base is read off the text only when it is 0', () => {
    expect(kstrtoint('0x2a', 10).err).toBe(-EINVAL);
    expect(kstrtoint('0x', 16).err).toBe(-EINVAL);
  });
});

describe('widths', () => {
  test.each([
    ['kstrtou8', kstrtou8, 0, 0xff],
    ['kstrtos8', kstrtos8, -0x80, 0x7f],
    ['kstrtou16', kstrtou16, 0, 0xffff],
    ['kstrtouint', kstrtouint, 0, 0xffffffff],
    ['kstrtoul', kstrtoul, 0, 0xffffffff],
    ['kstrtol', kstrtol, -0x80000000, 0x7fffffff],
  ])('%s takes its own range and no more', (_, parse, low, high) => {
    expect(parse(String(low), 10)).toEqual({ err: 0, value: low });
    expect(parse(String(high), 10)).toEqual({ err: 0, value: high });
    expect(parse(String(high + 1), 10)).toEqual({ err: -ERANGE, value: 0 });
    expect(parse(String(low - 1), 10)).toEqual({ err: low === 0 ? -EINVAL : -ERANGE, value: 0 });
  });

  test('64 bits', () => {
    expect(kstrtoull('18446744073709551615', 10)).toEqual({ err: 0, value: (1n << 64n) - 1n });
    expect(kstrtoull('18446744073709551616', 10).err).toBe(-ERANGE);
    expect(kstrtoull('18446744073709551616 dogs', 10).err).toBe(-ERANGE);
    expect(kstrtoull('-1', 10).err).toBe(-EINVAL);
    expect(kstrtoll('-9223372036854775808', 10)).toEqual({ err: 0, value: -(1n << 63n) });
    expect(kstrtoll('-9223372036854775809', 10).err).toBe(-ERANGE);
    expect(kstrtoll('9223372036854775808', 10).err).toBe(-ERANGE);
  });
});

describe('for every integer', () => {
  test('what was written in a base is read in it', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 16 }), fc.constantFrom('', '\n'), (n, base, end) => {
        expect(kstrtoint(n.toString(base) + end, base)).toEqual({ err: 0, value: n });
      }),
    );
  });

  test('a value comes back only without an error', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 6 }), (text) => {
        const { err, value } = kstrtoint(text, 0);
        expect([0, -EINVAL, -ERANGE]).toContain(err);
        if (err !== 0) expect(value).toBe(0);
      }),
    );
  });
});

describe('kstrtobool', () => {
  test.each(['y', 'Y', '1', 'on', 'ON', 'oN', 'yes\n', '1\n'])('%j is true', (text) => {
    expect(kstrtobool(text)).toEqual({ err: 0, value: true });
  });
  test.each(['n', 'N', '0', 'off', 'Of', 'no\n'])('%j is false', (text) => {
    expect(kstrtobool(text)).toEqual({ err: 0, value: false });
  });
  test.each(['', 'o', '2', 'true', ' y', '\n', null])('%j is -EINVAL', (text) => {
    expect(kstrtobool(text)).toEqual({ err: -EINVAL, value: false });
  });
});
