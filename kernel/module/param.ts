/** Module parameters. Follows kernel/params.c and include/linux/moduleparam.h. */
import { EINVAL, ERANGE } from '../include/linux/errno.js';
import { kstrtobool, kstrtoll, kstrtoull } from '../lib/kstrtox.js';

/** The value of each parameter type, as TypeScript sees it. */
export interface ParamTypes {
  byte: number;
  short: number;
  ushort: number;
  int: number;
  uint: number;
  long: number;
  ulong: number;
  bool: boolean;
  invbool: boolean;
  charp: string | null;
}
export type ParamType = keyof ParamTypes;

/** A parameter as module code holds it: `debug.value`. */
export interface module_param<T> {
  readonly name: string;
  value: T;
}

export class kernel_param<K extends ParamType = ParamType> implements module_param<ParamTypes[K]> {
  readonly name: string;
  readonly type: K;
  readonly perm: number;
  value: ParamTypes[K];
  description = '';

  constructor(name: string, type: K, value: ParamTypes[K], perm: number) {
    this.name = name;
    this.type = type;
    this.perm = perm;
    this.value = value;
  }
}

/** Inclusive limits of the whole-number types; int and long are 32 bits wide. */
const ranges: { readonly [type in ParamType]?: readonly [bigint, bigint] } = {
  byte: [0n, 255n],
  short: [-32768n, 32767n],
  ushort: [0n, 65535n],
  int: [-0x8000_0000n, 0x7fff_ffffn],
  uint: [0n, 0xffff_ffffn],
  long: [-0x8000_0000n, 0x7fff_ffffn],
  ulong: [0n, 0xffff_ffffn],
};

/** Sets a parameter from its text, `null` for a name without `=`. Returns 0, -EINVAL or -ERANGE. */
export function param_set(param: kernel_param, text: string | null): number {
  const { type } = param;
  if (type === 'charp') {
    if (text === null) return -EINVAL;
    param.value = text;
    return 0;
  }
  if (type === 'bool' || type === 'invbool') {
    const { err, value } = text === null ? { err: 0, value: true } : kstrtobool(text);
    if (err !== 0) return err;
    param.value = type === 'bool' ? value : !value;
    return 0;
  }
  if (text === null) return -EINVAL;
  const [low, high] = ranges[type]!;
  const { err, value } = low < 0n ? kstrtoll(text, 0) : kstrtoull(text, 0);
  if (err !== 0) return err;
  if (value < low || value > high) return -ERANGE;
  param.value = Number(value);
  return 0;
}

/** As /sys/module/NAME/parameters shows it. */
export function param_get(param: kernel_param): string {
  const { value } = param;
  if (typeof value === 'boolean') return value ? 'Y' : 'N';
  return value === null ? '(null)' : String(value);
}

/** Why a default does not fit its type, or null where it does. */
export function check_default(type: ParamType, value: unknown): string | null {
  if (type === 'charp') return value === null || typeof value === 'string' ? null : 'a string or null';
  if (type === 'bool' || type === 'invbool') return typeof value === 'boolean' ? null : 'true or false';
  const range = Object.hasOwn(ranges, type) ? ranges[type] : undefined;
  if (range === undefined) return 'a parameter type: byte, short, ushort, int, uint, long, ulong, bool, invbool or charp';
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= Number(range[0]) && value <= Number(range[1]);
  return fits ? null : `an integer from ${Number(range[0])} to ${Number(range[1])}`;
}
