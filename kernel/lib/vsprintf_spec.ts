/**
 * One conversion of a format, and the two ways its result is laid out in its field.
 *
 * Follows lib/vsprintf.c of Linux 6.1: struct printf_spec, number() and widen_string().
 */

/** What the formatter must ask of the kernel. */
export interface FormatEnv {
  /** The NUL-terminated string at a kernel address, for %s given a pointer; at most `limit` bytes where there is one. */
  read_string(addr: number, limit?: number): string;
  /** One byte of kernel memory (checked), for %ph, %pM, %pI4 and their like. */
  read_byte(addr: number): number;
  /** One aligned word of kernel memory (checked), for %pa. */
  read_u32(addr: number): number;
  /** The symbolic name of an address or function for %pS, e.g. "serial_interrupt+0x0/0x0 [serial]", or null. */
  symbol(value: unknown): string | null;
  /** What plain %p prints for an address: 32 bits that tell addresses apart and do not give them away. */
  hash_pointer(addr: number): number;
}

/** How wide the argument is taken to be; it is cut to this as C does. */
export type Bits = 8 | 16 | 32 | 64;

export interface Spec {
  /** As written in the format, for messages: "%-8s". */
  readonly text: string;
  /** The letter: d i u x X o c s p, or whatever else stands there; empty at the end of the format. */
  readonly conversion: string;
  /** The letters and digits after %p. */
  readonly extension: string;
  readonly bits: Bits;
  readonly left: boolean;
  readonly plus: boolean;
  readonly space: boolean;
  readonly special: boolean;
  readonly zero: boolean;
  /** -1 where none is given. */
  readonly width: number;
  /** -1 where none is given. */
  readonly precision: number;
  /** How many `*` take an argument before the value does. */
  readonly star_width: boolean;
  readonly star_precision: boolean;
}

export const FIELD_WIDTH_MAX = (1 << 23) - 1;
export const PRECISION_MAX = (1 << 15) - 1;

/** An integer, already cut to its width, as the digits of `base`. Only a signed conversion shows + or a space. */
export function number(value: number | bigint, base: 8 | 10 | 16, signed: boolean, spec: Spec): string {
  const negative = value < 0;
  let digits = (negative ? -value : value).toString(base);
  if (spec.conversion === 'X') digits = digits.toUpperCase();
  let sign = '';
  if (negative) sign = '-';
  else if (signed && spec.plus) sign = '+';
  else if (signed && spec.space) sign = ' ';
  let prefix = '';
  // Linux, unlike C's library, writes the 0x of a zero too.
  if (spec.special && base === 16) prefix = spec.conversion === 'X' ? '0X' : '0x';
  else if (spec.special && base === 8 && digits !== '0') prefix = '0';
  const body = digits.padStart(spec.precision, '0');
  const head = sign + prefix;
  if (spec.left) return (head + body).padEnd(spec.width);
  if (spec.zero) return head + body.padStart(spec.width - head.length, '0');
  return (head + body).padStart(spec.width);
}

/** Text, cut to the precision and padded to the width. */
export function string_nocheck(text: string, spec: Spec): string {
  const cut = spec.precision < 0 ? text : text.slice(0, spec.precision);
  return spec.left ? cut.padEnd(spec.width) : cut.padStart(spec.width);
}

/** An argument that the conversion can make nothing of: C would print garbage or fault, and nobody learns from it. */
export function bad_argument(spec: Spec, arg: unknown): string {
  if (typeof arg === 'number') return `(not an integer: ${arg})`;
  let type: string = typeof arg;
  if (arg === null) type = 'null';
  else if (Array.isArray(arg)) type = 'array';
  return `(bad ${spec.text} argument: ${type})`;
}

/** A conversion that Linux has not, or that this machine has not. */
export function unsupported(spec: Spec): string {
  return `(unsupported ${spec.text})`;
}
