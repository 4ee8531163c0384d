/**
 * The %p family: an address, or what lies there.
 *
 * Follows lib/vsprintf.c of Linux 6.1, pointer() and what it calls.
 */
import { IS_ERR, IS_ERR_OR_NULL, PTR_ERR } from '../include/linux/err.js';
import { errname } from './errno.js';
import { bad_argument, number, string_nocheck, unsupported } from './vsprintf_spec.js';
import type { FormatEnv, Spec } from './vsprintf_spec.js';

const PAGE_SIZE = 4096;
const POINTER_DIGITS = 8;
const HEX_STRING_BYTES_MAX = 64;

/** The address that an argument is; NULL in any of JavaScript's spellings is 0, and null is no address at all. */
function address(arg: unknown): number | null {
  if (arg === null || arg === undefined) return 0;
  if (typeof arg === 'number' && Number.isInteger(arg)) return arg >>> 0;
  if (typeof arg === 'bigint') return Number(BigInt.asUintN(32, arg));
  return null;
}

/** The address as it is: all its digits, unless a width asks otherwise. */
function pointer_string(addr: number, spec: Spec): string {
  return number(addr, 16, false, spec.width < 0 ? { ...spec, width: POINTER_DIGITS, zero: true } : spec);
}

/** NULL and error pointers give no address away, so they are not hashed. */
function default_pointer(addr: number, spec: Spec, env: FormatEnv): string {
  return pointer_string(IS_ERR_OR_NULL(addr) ? addr : env.hash_pointer(addr) >>> 0, spec);
}

function err_ptr(addr: number, spec: Spec, env: FormatEnv): string {
  if (!IS_ERR(addr)) return default_pointer(addr, spec, env);
  const err = PTR_ERR(addr);
  const name = errname(err);
  return name === null ? number(err, 10, true, spec) : string_nocheck(name, spec);
}

const SYMBOL_OFFSET = /\+0x[0-9a-f]+\/0x[0-9a-f]+/;

/** `name+offset/size [module]`; %ps leaves out the numbers. A function that nobody named goes by its own name. */
function symbol_string(arg: unknown, spec: Spec, env: FormatEnv): string {
  const addr = address(arg);
  if (addr === null && typeof arg !== 'function') return bad_argument(spec, arg);
  const nameless = addr === null ? (arg as () => void).name || '(anonymous)' : `0x${addr.toString(16)}`;
  const text = env.symbol(arg) ?? nameless;
  return string_nocheck(spec.extension.startsWith('s') ? text.replace(SYMBOL_OFFSET, '') : text, spec);
}

/** What stands in place of memory that no pointer can lead to: the first page and the last are never mapped. */
export function check_pointer(addr: number): string | null {
  if (addr === 0) return '(null)';
  return addr < PAGE_SIZE || IS_ERR(addr) ? '(efault)' : null;
}

/** Reads `length` bytes behind the argument; a string says why it cannot be done. */
function bytes_at(arg: unknown, length: number, spec: Spec, env: FormatEnv): readonly number[] | string {
  if (arg instanceof Uint8Array) {
    if (arg.length < length) return `(bad ${spec.text} argument: ${arg.length} of ${length} bytes)`;
    return Array.from(arg.subarray(0, length));
  }
  const addr = address(arg);
  if (addr === null) return bad_argument(spec, arg);
  const text = check_pointer(addr);
  if (text !== null) return string_nocheck(text, spec);
  return Array.from({ length }, (_, i) => env.read_byte(addr + i) & 0xff);
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

const HEX_SEPARATORS: Readonly<Record<string, string>> = { C: ':', D: '-', N: '' };

/** The width is the number of bytes here, so there is no padding. */
function hex_string(arg: unknown, spec: Spec, env: FormatEnv): string {
  if (spec.width === 0) return '';
  const length = Math.min(spec.width < 0 ? 1 : spec.width, HEX_STRING_BYTES_MAX);
  const bytes = bytes_at(arg, length, { ...spec, width: -1 }, env);
  return typeof bytes === 'string' ? bytes : bytes.map(hex).join(HEX_SEPARATORS[spec.extension.charAt(1)] ?? ' ');
}

function mac_address_string(bytes: readonly number[], extension: string): string {
  const shown = extension.charAt(1) === 'R' ? bytes.toReversed() : bytes;
  if (extension.startsWith('m')) return shown.map(hex).join('');
  return shown.map(hex).join(extension.charAt(1) === 'F' ? '-' : ':');
}

function ip4_string(bytes: readonly number[], extension: string): string {
  // Host order is little-endian on this machine.
  const shown = /^.4[hl]/.test(extension) ? bytes.toReversed() : bytes;
  const pad = extension.startsWith('i') ? 3 : 1;
  return shown.map((byte) => String(byte).padStart(pad, '0')).join('.');
}

/** The longest run of zero words, and the first of those, as [start, length]; a lone zero is not worth a `::`. */
function longest_zeros(words: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [-1, 1];
  for (let start = 0; start < words.length; start++) {
    let end = start;
    while (words[end] === 0) end++;
    if (end - start > best[1]) best = [start, end - start];
  }
  return best;
}

/** RFC 5952's short form; the IPv4 address within a mapped or ISATAP one keeps its dots. */
function ip6_compressed_string(bytes: readonly number[]): string {
  const words = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
  const mapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;
  const isatap = (words[4]! | 0x0200) === 0x0200 && words[5] === 0x5efe;
  const dotted = mapped || isatap;
  const shown = dotted ? words.slice(0, 6) : words;
  const tail = dotted ? [ip4_string(bytes.slice(12), 'I4')] : [];
  const [start, length] = longest_zeros(shown);
  const texts = shown.map((word) => word.toString(16));
  if (start < 0) return [...texts, ...tail].join(':');
  return `${texts.slice(0, start).join(':')}::${[...texts.slice(start + length), ...tail].join(':')}`;
}

function ip6_string(bytes: readonly number[], extension: string): string {
  if (extension.startsWith('I6c')) return ip6_compressed_string(bytes);
  const words = Array.from({ length: 8 }, (_, i) => hex(bytes[2 * i]!) + hex(bytes[2 * i + 1]!));
  return words.join(extension.startsWith('i') ? '' : ':');
}

/** A GUID keeps its first three fields little-endian. */
const GUID_ORDER: readonly number[] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

function uuid_string(bytes: readonly number[], extension: string): string {
  const order = extension.charAt(1);
  const digits = (/[lL]/.test(order) ? GUID_ORDER.map((i) => bytes[i]!) : bytes).map(hex).join('');
  const text = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return /[BL]/.test(order) ? text.toUpperCase() : text;
}

/** phys_addr_t and dma_addr_t are 32 bits here, and pass by reference as they may be wider elsewhere. */
function address_val(arg: unknown, spec: Spec, env: FormatEnv): string {
  const addr = address(arg);
  if (addr === null) return bad_argument(spec, arg);
  const text = check_pointer(addr);
  return string_nocheck(text ?? `0x${(env.read_u32(addr) >>> 0).toString(16).padStart(POINTER_DIGITS, '0')}`, spec);
}

/** Fixed-size things behind a pointer: how many bytes, and how they are shown. */
function decoder(extension: string): [length: number, show: (bytes: readonly number[], extension: string) => string] | null {
  if (/^[Mm]/.test(extension)) return [6, mac_address_string];
  if (/^[Ii]4/.test(extension)) return [4, ip4_string];
  if (/^[Ii]6/.test(extension)) return [16, ip6_string];
  if (extension.startsWith('U')) return [16, uuid_string];
  return null;
}

/** Letters that Linux knows for things this machine has none of: a hashed address in their place would mislead. */
const ABSENT = /^[RrbEN4dtCDgGOfIi]/;

/**
 * Formats one %p conversion, but for %pV. As in Linux, letters that mean nothing are eaten: "%pzap" is "%p".
 *
 * Context: any. Source: lib/vsprintf.c, pointer().
 */
export function pointer(spec: Spec, arg: unknown, env: FormatEnv): string {
  const { extension } = spec;
  const decode = decoder(extension);
  if (decode !== null) {
    const [length, show] = decode;
    const bytes = bytes_at(arg, length, spec, env);
    return typeof bytes === 'string' ? bytes : string_nocheck(show(bytes, extension), spec);
  }
  if (/^[SsB]/.test(extension)) return symbol_string(arg, spec, env);
  if (extension.startsWith('h')) return hex_string(arg, spec, env);
  if (extension.startsWith('a')) return address_val(arg, spec, env);
  if (ABSENT.test(extension)) return unsupported(spec);
  const addr = address(arg);
  if (addr === null) return bad_argument(spec, arg);
  if (extension.startsWith('x')) return pointer_string(addr, spec);
  if (extension.startsWith('e')) return err_ptr(addr, spec, env);
  return default_pointer(addr, spec, env);
}
