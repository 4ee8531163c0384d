/**
 * printf for the kernel: no floating point, and %p grows letters that say what the pointer points to.
 *
 * Where C has undefined behaviour the text says in brackets what was wrong with the call, and goes on: arguments
 * are counted one a conversion whatever their width, so a bad one cannot upset those after it.
 *
 * Follows lib/vsprintf.c of Linux 6.1, vsnprintf() and format_decode().
 */
import { shown } from './shown.js';
import { check_pointer, pointer } from './vsprintf_pointer.js';
import { FIELD_WIDTH_MAX, PRECISION_MAX, bad_argument, number, string_nocheck, unsupported } from './vsprintf_spec.js';
import type { Bits, FormatEnv, Spec } from './vsprintf_spec.js';

export type { FormatEnv } from './vsprintf_spec.js';

/** struct va_format, for %pV: a format within a format. */
export interface va_format {
  readonly fmt: string;
  readonly va: readonly unknown[];
}

const CONVERSION = /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(hh|ll|[hlLztj])?(p[A-Za-z0-9]*|[^])?/gu;

const LENGTH_BITS: Readonly<Record<string, Bits>> = { hh: 8, h: 16, ll: 64, L: 64, j: 64 };

type Piece = string | Spec;

/** Formats are literals in module code, so there are few; a module that builds them at run time must not fill memory. */
const PARSED_MAX = 1024;
const parsed = new Map<string, readonly Piece[]>();

function parse_spec(match: RegExpExecArray): Spec {
  const [text, flags = '', width, precision, length = '', conversion = ''] = match;
  return {
    text,
    conversion: conversion.startsWith('p') ? 'p' : conversion,
    extension: conversion.startsWith('p') ? conversion.slice(1) : '',
    bits: LENGTH_BITS[length] ?? 32,
    left: flags.includes('-'),
    plus: flags.includes('+'),
    space: flags.includes(' '),
    special: flags.includes('#'),
    zero: flags.includes('0'),
    star_width: width === '*',
    width: width === undefined || width === '*' ? -1 : Math.min(Number(width), FIELD_WIDTH_MAX),
    star_precision: precision === '*',
    // A lone dot is no precision, where C's library takes it for 0.
    precision: precision === undefined || precision === '*' ? -1 : Math.min(Number(precision), PRECISION_MAX),
  };
}

function parse(fmt: string): readonly Piece[] {
  const known = parsed.get(fmt);
  if (known !== undefined) return known;
  if (typeof fmt !== 'string') throw new TypeError(`the format must be a string, got ${shown(fmt)}`);
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of fmt.matchAll(CONVERSION)) {
    if (match.index > at) pieces.push(fmt.slice(at, match.index));
    pieces.push(parse_spec(match));
    at = match.index + match[0].length;
  }
  if (at < fmt.length) pieces.push(fmt.slice(at));
  if (parsed.size >= PARSED_MAX) parsed.clear();
  parsed.set(fmt, pieces);
  return pieces;
}

/** The arguments, one after the other, as va_arg() walks them. */
class Arguments {
  readonly #args: readonly unknown[];
  #at = 0;

  constructor(args: readonly unknown[]) {
    this.#args = args;
  }

  get exhausted(): boolean {
    return this.#at >= this.#args.length;
  }

  next(): unknown {
    return this.#args[this.#at++];
  }
}

const MISSING = '(missing)';

/** Takes the argument of a `*`; a string tells what was wrong with it. */
function take_star(spec: Spec, args: Arguments): number | string {
  if (args.exhausted) return MISSING;
  const arg = args.next();
  const value = integer(arg, true, 32);
  return value === null ? bad_argument(spec, arg) : Number(value);
}

/** Puts the arguments of `*` in their places. Each is taken, so that a bad one does not upset what follows. */
function take_stars(spec: Spec, args: Arguments): Spec | string {
  let { width, left, precision } = spec;
  let wrong: string | null = null;
  if (spec.star_width) {
    const given = take_star(spec, args);
    if (typeof given === 'string') wrong = given;
    else [width, left] = [Math.min(Math.abs(given), FIELD_WIDTH_MAX), left || given < 0];
  }
  if (spec.star_precision) {
    const given = take_star(spec, args);
    if (typeof given === 'string') wrong ??= given;
    // Negative means 0 to a precision, where C's library takes it for none.
    else precision = Math.min(Math.max(given, 0), PRECISION_MAX);
  }
  return wrong ?? { ...spec, width, left, precision };
}

/** The argument cut to its width as a C cast cuts it; null where it is no integer. NULL is 0 to a cast. */
function integer(arg: unknown, signed: boolean, bits: Bits): number | bigint | null {
  if (arg === null || typeof arg === 'boolean') return Number(arg);
  if (typeof arg === 'number' && !Number.isInteger(arg)) return null;
  if (typeof arg !== 'number' && typeof arg !== 'bigint') return null;
  if (bits === 32 && typeof arg === 'number') return signed ? arg | 0 : arg >>> 0;
  const cut = signed ? BigInt.asIntN(bits, BigInt(arg)) : BigInt.asUintN(bits, BigInt(arg));
  return bits === 64 ? cut : Number(cut);
}

const BASES: Readonly<Record<string, 8 | 10 | 16>> = { o: 8, x: 16, X: 16 };

function format_integer(spec: Spec, arg: unknown): string {
  const signed = spec.conversion === 'd' || spec.conversion === 'i';
  const value = integer(arg, signed, spec.bits);
  return value === null ? bad_argument(spec, arg) : number(value, BASES[spec.conversion] ?? 10, signed, spec);
}

function format_char(spec: Spec, arg: unknown): string {
  if (typeof arg === 'string' && arg.length === 1) return string_nocheck(arg, { ...spec, precision: -1 });
  const code = arg === null ? null : integer(arg, false, 8);
  if (code === null) return bad_argument(spec, arg);
  return string_nocheck(String.fromCharCode(Number(code)), { ...spec, precision: -1 });
}

function format_string(spec: Spec, arg: unknown, env: FormatEnv): string {
  // C's text ends at its NUL, so a JavaScript string does too.
  if (typeof arg === 'string') return string_nocheck(arg.split('\0', 1)[0]!, spec);
  if (arg === null || arg === undefined) return string_nocheck('(null)', spec);
  if (typeof arg !== 'number' || !Number.isInteger(arg)) return bad_argument(spec, arg);
  const addr = arg >>> 0;
  const text = check_pointer(addr);
  if (text !== null) return string_nocheck(text, spec);
  if (spec.precision === 0) return string_nocheck('', spec);
  return string_nocheck(spec.precision < 0 ? env.read_string(addr) : env.read_string(addr, spec.precision), spec);
}

function is_va_format(arg: unknown): arg is va_format {
  return typeof arg === 'object' && arg !== null && 'fmt' in arg && typeof arg.fmt === 'string' && 'va' in arg && Array.isArray(arg.va);
}

function format_pointer(spec: Spec, arg: unknown, env: FormatEnv): string {
  if (!spec.extension.startsWith('V')) return pointer(spec, arg, env);
  return is_va_format(arg) ? vsprintf(arg.fmt, arg.va, env) : bad_argument(spec, arg);
}

function format(spec: Spec, args: Arguments, env: FormatEnv): string {
  const filled = spec.star_width || spec.star_precision ? take_stars(spec, args) : spec;
  if (spec.conversion === '%') return '%';
  if (spec.conversion === '') return unsupported(spec);
  if (args.exhausted) return MISSING;
  const arg = args.next();
  if (typeof filled === 'string') return filled;
  switch (spec.conversion) {
    case 'd': case 'i': case 'u': case 'x': case 'X': case 'o':
      return format_integer(filled, arg);
    case 'c':
      return format_char(filled, arg);
    case 's':
      return format_string(filled, arg, env);
    case 'p':
      return format_pointer(filled, arg, env);
    default:
      // %n and floating point among them. Linux ends the text here, for it cannot know how to skip the argument.
      return unsupported(filled);
  }
}

/**
 * Formats text as the kernel's printk does on a 32-bit machine.
 *
 * int, long and pointers are 32 bits, long long is 64; a number or bigint is cut to the conversion's width. What
 * a conversion cannot print is told in its place: `(missing)`, `(not an integer: 3.5)`,
 * `(bad %d argument: string)`, `(unsupported %f)`; a pointer that no C string or object can have prints as
 * `(null)` or `(efault)`. Arguments that are left over are ignored, as in C.
 *
 * @param env answers for the kernel's memory and symbols; its errors (a bad access, say) pass through.
 *
 * Context: any. Source: lib/vsprintf.c, vsnprintf(); Documentation/core-api/printk-formats.rst.
 */
export function vsprintf(fmt: string, args: readonly unknown[], env: FormatEnv): string {
  const pieces = parse(fmt);
  const [first] = pieces;
  if (pieces.length === 1 && typeof first === 'string') return first;
  const rest = new Arguments(args);
  let text = '';
  for (const piece of pieces) text += typeof piece === 'string' ? piece : format(piece, rest, env);
  return text;
}
