/** Examples from Documentation/core-api/printk-formats.rst, and properties that hold for every integer. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ERR_PTR } from '../../kernel/include/linux/err.js';
import { ENOMEM } from '../../kernel/include/linux/errno.js';
import { vsprintf } from '../../kernel/lib/vsprintf.js';
import type { FormatEnv } from '../../kernel/lib/vsprintf.js';

const BASE = 0x40001000;

/** A kernel with `bytes` at BASE, and nothing else. */
function memory(bytes: readonly number[]): FormatEnv & { reads: string[] } {
  const at = (addr: number): number => {
    const byte = bytes[addr - BASE];
    if (byte === undefined) throw new Error(`bad access at ${addr.toString(16)}`);
    return byte;
  };
  const reads: string[] = [];
  return {
    reads,
    read_byte: at,
    read_u32: (addr) => at(addr) | (at(addr + 1) << 8) | (at(addr + 2) << 16) | (at(addr + 3) << 24),
    read_string(addr, limit) {
      reads.push(`${addr.toString(16)} ${limit ?? 'to its NUL'}`);
      let text = '';
      for (let i = addr; at(i) !== 0 && text.length < (limit ?? Infinity); i++) text += String.fromCharCode(at(i));
      return text;
    },
    symbol(value) {
      if (value === BASE + 4) return 'poll_dog+0x4/0x20 [dog]';
      if (value === bark) return 'bark+0x0/0x0 [dog]';
      return null;
    },
    hash_pointer: (addr) => (addr ^ 0x5a5a0000) | 0,
  };
}

function bark(): void {
  return;
}

const ascii = (text: string): number[] => Array.from(text, (c) => c.charCodeAt(0));
const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const sprintf = (fmt: string, ...args: unknown[]): string => vsprintf(fmt, args, memory([]));
const sprintf_at = (bytes: readonly number[], fmt: string, ...args: unknown[]): string => vsprintf(fmt, args, memory(bytes));

type Row = readonly [want: string, fmt: string, ...args: unknown[]];
const table = (title: string, rows: readonly Row[]): void => {
  describe(title, () => {
    test.each(rows.map(([want, fmt, ...args]) => ({ want, fmt, args })))('$fmt of $args is $want', ({ want, fmt, args }) => {
      expect(sprintf(fmt, ...args)).toBe(want);
    });
  });
};

table('integers', [
  ['5', '%d', 5],
  ['-5', '%i', -5],
  ['4294967291', '%u', -5],
  ['fffffffb', '%x', -5],
  ['DEADBEEF', '%X', 0xdeadbeef],
  ['-559038737', '%d', 0xdeadbeef],
  ['755', '%o', 0o755],
  ['1 0', '%d %d', true, false],
  ['0', '%lx', null],
  ['-12345678901', '%lld', -12345678901],
  ['18446744073709551615', '%llu', -1n],
  ['9223372036854775807', '%Ld', 0x7fffffffffffffffn],
  ['ffffffffffffffff', '%jx', -1],
  ['1', '%d', (1n << 32n) + 1n],
  ['1', '%d', 2 ** 32 + 1],
  ['9007199254740994', '%lld', 2 ** 53 + 2],
  ['-1 255', '%hhd %hhu', 0xff, 0xff],
  ['-1 65535', '%hd %hu', 0xffff, -1],
  ['7 7 7 7', '%ld %zu %td %lu', 7, 7, 7, 7],
]);

table('flags, width and precision', [
  ['|   42|', '|%5d|', 42],
  ['|42   |', '|%-5d|', 42],
  ['|00042|', '|%05d|', 42],
  ['|-0042|', '|%05d|', -42],
  ['|42   |', '|%-05d|', 42],
  ['|+42|', '|%+d|', 42],
  ['| 42|', '|% d|', 42],
  ['|42|', '|%+u|', 42],
  ['|  0042|', '|%6.4d|', 42],
  ['|0x2a|', '|%#x|', 42],
  ['|0X2A|', '|%#X|', 42],
  ['|052|', '|%#o|', 42],
  ['|0|', '|%#o|', 0],
  ['|0x0000002a|', '|%#010x|', 42],
  ['|  0x2a|', '|%#6x|', 42],
  ['|   42|', '|%*d|', 5, 42],
  ['|42   |', '|%*d|', -5, 42],
  ['|  007|', '|%*.*d|', 5, 3, 7],
  ['100%', '%d%%', 100],
]);

table('where Linux differs from a C library', [
  ['0x0', '%#x', 0],
  ['0', '%.0d', 0],
  ['00007', '%05.1d', 7],
  ['dog|', '%.s|', 'dog'],
  ['|', '%.*s|', -2, 'dog'],
]);

table('strings and characters', [
  ['dog', '%s', 'dog'],
  ['|  dog|dog  |', '|%5s|%-5s|', 'dog', 'dog'],
  ['do', '%.2s', 'dog'],
  ['', '%.0s', 'dog'],
  ['do', '%s', 'do\0g'],
  ['(null)', '%s', null],
  ['(null)', '%s', undefined],
  ['(null)', '%s', 0],
  ['(efault)', '%s', 4095],
  ['(efault)', '%s', -ENOMEM],
  ['(efault)', '%s', ERR_PTR(-ENOMEM)],
  ['A', '%c', 65],
  ['A', '%c', 'A'],
  ['|  A|A  |', '|%3c|%-3c|', 65, 65],
  ['no conversion at all', 'no conversion at all'],
  ['', ''],
]);

table('what C leaves undefined is told', [
  ['a=1 b=(missing)', 'a=%d b=%d', 1],
  ['(missing)', '%*d', 5],
  ['(not an integer: 3.5)', '%d', 3.5],
  ['(not an integer: NaN)', '%x', NaN],
  ['(not an integer: Infinity)', '%lld', Infinity],
  ['(not an integer: 0.5)', '%p', 0.5],
  ['(bad %d argument: string)', '%d', '12'],
  ['(bad %d argument: undefined)', '%d', undefined],
  ['(bad %-8s argument: object)', '%-8s', {}],
  ['(bad %s argument: array)', '%s', []],
  ['(bad %s argument: function)', '%s', bark],
  ['(bad %c argument: string)', '%c', 'dog'],
  ['(bad %p argument: object)', '%p', {}],
  ['(bad %pM argument: object)', '%pM', {}],
  ['(bad %pV argument: object)', '%pV', { fmt: '%d' }],
  ['(bad %*.*d argument: string) 3', '%*.*d %d', 'x', 1, 2, 3],
  ['(unsupported %n) 2', '%n %d', 1, 2],
  ['(unsupported %.2f) 2', '%.2f %d', 1.5, 2],
  ['(unsupported %pGg)', '%pGg', 1],
  ['100(unsupported %)', '100%'],
  ['1', '%d', 1, 2],
]);

table('addresses', [
  ['1a5a1000', '%p', BASE],
  ['1a5a1000', '%pK', BASE],
  ['1a5a1000zap', '%pzzz%s', BASE, 'zap'],
  ['00000000', '%p', null],
  ['00000000', '%p', undefined],
  ['fffffff4', '%p', ERR_PTR(-ENOMEM)],
  ['40001000', '%px', BASE],
  ['00000abc', '%px', 0xabc],
  ['       abc', '%10px', 0xabc],
  ['00000000', '%px', null],
  ['80000000', '%px', 0x80000000 | 0],
  ['-ENOMEM', '%pe', ERR_PTR(-ENOMEM)],
  ['-ENOMEM', '%pe', -ENOMEM],
  ['-EPROBE_DEFER', '%pe', -517],
  ['-4000', '%pe', -4000],
  ['1a5a1000', '%pe', BASE],
  ['00000000', '%pe', null],
  ['   -EIO', '%7pe', -5],
]);

table('symbols', [
  ['poll_dog+0x4/0x20 [dog]', '%pS', BASE + 4],
  ['poll_dog+0x4/0x20 [dog]', '%pSR', BASE + 4],
  ['poll_dog+0x4/0x20 [dog]', '%pB', BASE + 4],
  ['poll_dog [dog]', '%ps', BASE + 4],
  ['bark+0x0/0x0 [dog]', '%pS', bark],
  ['bark [dog]', '%ps', bark],
  ['table', '%ps', table],
  ['(anonymous)', '%ps', () => 0],
  ['0x40001000', '%pS', BASE],
  ['0x0', '%pS', null],
  ['(bad %ps argument: object)', '%ps', {}],
]);

describe('memory behind the pointer', () => {
  test.each([
    ['00 01 02', '%*ph', 3, BASE],
    ['00:01:02', '%3phC', BASE],
    ['00-01-02', '%3phD', BASE],
    ['000102', '%3phN', BASE],
    ['00', '%ph', BASE],
    ['', '%*ph', 0, BASE],
    ['(null)', '%3ph', null],
    ['(efault)', '%3ph', -14],
    ['00:01:02:03:04:05', '%pM', BASE],
    ['05:04:03:02:01:00', '%pMR', BASE],
    ['00-01-02-03-04-05', '%pMF', BASE],
    ['000102030405', '%pm', BASE],
    ['050403020100', '%pmR', BASE],
    ['|   000102030405|', '|%15pm|', BASE],
    ['(null)', '%pM', 0],
    ['1.2.3.4', '%pI4', BASE + 1],
    ['001.002.003.004', '%pi4', BASE + 1],
    ['1.2.3.4', '%pI4b', BASE + 1],
    ['4.3.2.1', '%pI4h', BASE + 1],
    ['4.3.2.1', '%pI4l', BASE + 1],
    ['0001:0203:0405:0607:0809:0a0b:0c0d:0e0f', '%pI6', BASE],
    ['000102030405060708090a0b0c0d0e0f', '%pi6', BASE],
    ['1:203:405:607:809:a0b:c0d:e0f', '%pI6c', BASE],
    ['00010203-0405-0607-0809-0a0b0c0d0e0f', '%pUb', BASE],
    ['00010203-0405-0607-0809-0a0b0c0d0e0f', '%pU', BASE],
    ['00010203-0405-0607-0809-0A0B0C0D0E0F', '%pUB', BASE],
    ['03020100-0504-0706-0809-0a0b0c0d0e0f', '%pUl', BASE],
    ['03020100-0504-0706-0809-0A0B0C0D0E0F', '%pUL', BASE],
    ['0x03020100', '%pa', BASE],
    ['0x03020100', '%pad', BASE],
    ['(efault)', '%pa', 12],
  ].map(([want, fmt, ...args]) => ({ want, fmt: String(fmt), args })))('$fmt of $args is $want', ({ want, fmt, args }) => {
    expect(sprintf_at(count(16), fmt, ...args)).toBe(want);
  });

  test.each([
    ['::', []],
    ['::1', [0, 0, 0, 0, 0, 0, 0, 1]],
    ['1::', [1]],
    ['2001:db8::1', [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]],
    ['1:0:2:3:4:5:6:7', [1, 0, 2, 3, 4, 5, 6, 7]],
    ['1::2:0:0:3', [1, 0, 0, 0, 2, 0, 0, 3]],
    ['::ffff:1.2.3.4', [0, 0, 0, 0, 0, 0xffff, 0x102, 0x304]],
    ['fe80::5efe:1.2.3.4', [0xfe80, 0, 0, 0, 0, 0x5efe, 0x102, 0x304]],
  ].map(([want, words]) => ({ want, words: words as number[] })))('compressed IPv6: $want', ({ want, words }) => {
    const bytes = count(8).flatMap((i) => [(words[i] ?? 0) >> 8, (words[i] ?? 0) & 0xff]);
    expect(sprintf_at(bytes, '%pI6c', BASE)).toBe(want);
  });

  test('%*ph shows 64 bytes and no more', () => {
    expect(sprintf_at(count(80), '%*phN', 80, BASE)).toHaveLength(128);
  });

  test('a Uint8Array stands for memory, and is not read past its end', () => {
    expect(sprintf('%*ph', 2, Uint8Array.of(1, 0xff))).toBe('01 ff');
    expect(sprintf('%pM', Uint8Array.of(1, 2))).toBe('(bad %pM argument: 2 of 6 bytes)');
  });

  test('%s reads to the NUL, or no further than its precision', () => {
    const env = memory([...ascii('dog'), 0]);
    expect(vsprintf('%s|%5.2s|%.0s', [BASE, BASE, BASE], env)).toBe('dog|   do|');
    expect(env.reads).toEqual(['40001000 to its NUL', '40001000 2']);
  });

  test('what the checked access throws reaches the caller', () => {
    expect(() => sprintf('%pM', BASE)).toThrow('bad access at 40001000');
  });

  test('%pV is a format within a format, and takes one argument', () => {
    expect(sprintf('[%pV] %d', { fmt: '%s-%d', va: ['dog', 7] }, 8)).toBe('[dog-7] 8');
  });
});

describe('for every integer', () => {
  const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });

  test('%d of an int is its decimal', () => {
    fc.assert(fc.property(int32, (n) => sprintf('%d', n) === String(n)));
  });

  test('%lld of a long long is its decimal', () => {
    fc.assert(fc.property(fc.bigInt(-(1n << 63n), (1n << 63n) - 1n), (n) => sprintf('%lld', n) === String(n)));
  });

  test('%x, %o and %u read back as the unsigned word', () => {
    fc.assert(
      fc.property(int32, (n) => {
        expect(parseInt(sprintf('%x', n), 16)).toBe(n >>> 0);
        expect(parseInt(sprintf('%o', n), 8)).toBe(n >>> 0);
        expect(Number(sprintf('%u', n))).toBe(n >>> 0);
        expect(Number(sprintf('%#x', n))).toBe(n >>> 0);
      }),
    );
  });

  test('a number too wide is cut as a cast cuts it, bigint or not', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => {
        expect(sprintf('%d', n)).toBe(String(BigInt.asIntN(32, BigInt(n))));
        expect(sprintf('%d', BigInt(n))).toBe(sprintf('%d', n));
        expect(sprintf('%hhu', n)).toBe(String(BigInt.asUintN(8, BigInt(n))));
      }),
    );
  });

  test('a field is never narrower than its width, and its value survives the padding', () => {
    const flags = fc.subarray(['-', '+', ' ', '0']).map((chosen) => chosen.join(''));
    fc.assert(
      fc.property(flags, fc.integer({ min: 1, max: 40 }), int32, (flag, width, n) => {
        const text = sprintf(`%${flag}${width}d`, n);
        expect(text.length).toBe(Math.max(width, sprintf(`%${flag}d`, n).length));
        expect(Number(text.replaceAll(' ', ''))).toBe(n);
        expect(sprintf(`%${flag}*d`, width, n)).toBe(text);
      }),
    );
  });

  test('no format and no argument makes it throw', () => {
    const fmt = fc.array(fc.constantFrom('%', '*', '.', '5', '-', 'l', 'h', 'd', 's', 'p', 'e', 'S', 'V', 'x', 'n', ' '), { maxLength: 12 });
    // Whether an address may be read is the memory's business: here it always may.
    const env: FormatEnv = { ...memory([]), read_byte: () => 0x2a, read_u32: () => 42, read_string: () => 'text' };
    fc.assert(
      fc.property(fmt, fc.array(fc.anything({ withBigInt: true })), (letters, args) => {
        expect(typeof vsprintf(letters.join(''), args, env)).toBe('string');
      }),
      { examples: [[['%', 'p', 'h'], [4096]]] },
    );
  });

  test('more formats than the cache holds', () => {
    for (let i = 0; i < 3000; i++) expect(sprintf(`${i}: %d`, i)).toBe(`${i}: ${i}`);
  });
});
