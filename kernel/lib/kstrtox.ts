/**
 * Text to integer, strictly: the whole text is the number, but for one newline at its end.
 *
 * In C the result goes through a pointer and the return value is the error; here both come back together:
 * `const { err, value } = kstrtoint(buf, 0); if (err) return err;`.
 *
 * Follows lib/kstrtox.c of Linux 6.1.
 */
import { EINVAL, ERANGE } from '../include/linux/errno.js';

/** What a kstrto*() found: `err` is 0, -EINVAL or -ERANGE, and `value` is 0 (or false) unless `err` is 0. */
export interface kstrtox_result<T> {
  readonly err: number;
  readonly value: T;
}

const DIGITS = '0123456789abcdef';
const ULLONG_MAX = 0xffffffffffffffffn;

const failed = (err: number): kstrtox_result<bigint> => ({ err, value: 0n });

/** Base 0 reads the base off the text. Base 16 may have its prefix, and "0x" alone is no hexadecimal. */
function fixup_radix(s: string, base: number): [digits: string, base: number] {
  const prefixed = /^0x/i.test(s);
  let radix = base;
  if (base === 0) {
    if (!s.startsWith('0')) radix = 10;
    else radix = /^0x[0-9a-f]/i.test(s) ? 16 : 8;
  }
  return [radix === 16 && prefixed ? s.slice(2) : s, radix];
}

function parse_unsigned(s: string, base: number): kstrtox_result<bigint> {
  const [digits, radix] = fixup_radix(s, base);
  const big_radix = BigInt(radix);
  let value = 0n;
  let at = 0;
  for (; at < digits.length; at++) {
    const digit = DIGITS.indexOf(digits.charAt(at).toLowerCase());
    if (digit < 0 || digit >= radix) break;
    value = value * big_radix + BigInt(digit);
    // What follows no longer matters: too large is told before badly written, as in Linux.
    if (value > ULLONG_MAX) return failed(-ERANGE);
  }
  if (at === 0) return failed(-EINVAL);
  const rest = digits.slice(at);
  if (rest !== '' && rest !== '\n') return failed(-EINVAL);
  return { err: 0, value };
}

/** C's text ends at its NUL. */
function c_string(s: string): string {
  const nul = s.indexOf('\0');
  return nul < 0 ? s : s.slice(0, nul);
}

/**
 * Text to a 64-bit unsigned integer. The text may begin with `+`; a `-` is -EINVAL.
 *
 * @param base 2 to 16, or 0 to tell it by the prefix: `0x` is 16, `0` is 8, else 10.
 * @returns err -EINVAL for text that is no number, -ERANGE for a number that does not fit.
 *
 * Context: any. Source: lib/kstrtox.c.
 */
export function kstrtoull(s: string, base: number): kstrtox_result<bigint> {
  const text = c_string(s);
  return parse_unsigned(text.startsWith('+') ? text.slice(1) : text, base);
}

/**
 * Text to a 64-bit signed integer; the text may begin with `+` or `-`. Errors and base as for {@link kstrtoull}.
 *
 * Context: any. Source: lib/kstrtox.c.
 */
export function kstrtoll(s: string, base: number): kstrtox_result<bigint> {
  const text = c_string(s);
  const negative = text.startsWith('-');
  const parsed = negative ? parse_unsigned(text.slice(1), base) : kstrtoull(text, base);
  if (parsed.err !== 0) return parsed;
  const value = negative ? -parsed.value : parsed.value;
  return value === BigInt.asIntN(64, value) ? { err: 0, value } : failed(-ERANGE);
}

type kstrto = (s: string, base: number) => kstrtox_result<number>;

function unsigned_parser(bits: number): kstrto {
  return (s, base) => {
    const { err, value } = kstrtoull(s, base);
    if (err !== 0) return { err, value: 0 };
    return value === BigInt.asUintN(bits, value) ? { err, value: Number(value) } : { err: -ERANGE, value: 0 };
  };
}

function signed_parser(bits: number): kstrto {
  return (s, base) => {
    const { err, value } = kstrtoll(s, base);
    if (err !== 0) return { err, value: 0 };
    return value === BigInt.asIntN(bits, value) ? { err, value: Number(value) } : { err: -ERANGE, value: 0 };
  };
}

/** {@link kstrtoull} to `u8`. Context: any. Source: lib/kstrtox.c. */
export const kstrtou8: kstrto = unsigned_parser(8);
/** {@link kstrtoll} to `s8`. Context: any. Source: lib/kstrtox.c. */
export const kstrtos8: kstrto = signed_parser(8);
/** {@link kstrtoull} to `u16`. Context: any. Source: lib/kstrtox.c. */
export const kstrtou16: kstrto = unsigned_parser(16);
/** {@link kstrtoll} to `s16`. Context: any. Source: lib/kstrtox.c. */
export const kstrtos16: kstrto = signed_parser(16);
/** {@link kstrtoull} to `unsigned int`. Context: any. Source: lib/kstrtox.c. */
export const kstrtouint: kstrto = unsigned_parser(32);
/** {@link kstrtoll} to `int`. Context: any. Source: lib/kstrtox.c. */
export const kstrtoint: kstrto = signed_parser(32);
/** {@link kstrtouint} by another name. Context: any. Source: include/linux/kstrtox.h. */
export const kstrtou32: kstrto = kstrtouint;
/** {@link kstrtoint} by another name. Context: any. Source: include/linux/kstrtox.h. */
export const kstrtos32: kstrto = kstrtoint;
/** To `unsigned long`, 32 bits wide here. Context: any. Source: include/linux/kstrtox.h. */
export const kstrtoul: kstrto = kstrtouint;
/** To `long`, 32 bits wide here. Context: any. Source: include/linux/kstrtox.h. */
export const kstrtol: kstrto = kstrtoint;

/**
 * Reads yes or no off the first letter or two: `y`, `Y`, `1`, `on` are true, `n`, `N`, `0`, `off` false, and all
 * else is -EINVAL. What follows is not looked at, so that "yes\n" will do.
 *
 * Context: any. Source: lib/kstrtox.c.
 */
export function kstrtobool(s: string | null): kstrtox_result<boolean> {
  if (s !== null) {
    if (/^(?:[yY1]|[oO][nN])/.test(s)) return { err: 0, value: true };
    if (/^(?:[nN0]|[oO][fF])/.test(s)) return { err: 0, value: false };
  }
  return { err: -EINVAL, value: false };
}
