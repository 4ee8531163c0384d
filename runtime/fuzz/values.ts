/** Values of arguments: drawn, changed, made simpler. */
import type { Random } from '../choice/random.js';
import type { Argument } from './target.js';

/** A buffer is its bytes; `{ result }` stands for what that call returned last, `{ lengthOf }` for a buffer's length. */
export type Value = number | string | boolean | null | readonly number[] | { readonly result: string } | { readonly lengthOf: number };

/** Where programs have their off-by-ones. */
const INTERESTING = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 255, 256, 511, 512, 1023, 1024, 4095, 4096, 65535, 65536, 0x7fff_ffff, -1, -2, -0x8000_0000];
const INTERESTING_BYTES = [0, 1, 0x0a, 0x20, 0x7f, 0x80, 0xff];

export function oneOf<T>(random: Random, list: readonly T[]): T {
  return list[random.below(list.length)]!;
}

/** `constants`: what the modules' source has. */
export function drawValue(random: Random, arg: Argument, constants: readonly number[]): Value {
  if (typeof arg === 'object') {
    if ('oneOf' in arg) return oneOf(random, arg.oneOf);
    if ('result' in arg || 'lengthOf' in arg) return arg;
    if ('bytes' in arg) return Array.from({ length: random.below(arg.bytes + 1) }, () => drawByte(random, constants));
  }
  const { from, to } = arg === 'int' ? { from: -0x8000_0000, to: 0x7fff_ffff } : arg;
  const fits = (value: number): boolean => value >= from && value <= to;
  const way = random.below(8);
  const known = way < 3 ? constants.filter(fits) : way < 5 ? INTERESTING.filter(fits) : [];
  if (known.length > 0) return oneOf(random, known);
  if (arg === 'int') return way < 7 ? random.below(256) : random.u32() | 0;
  return way === 5 ? from : way === 6 ? to : from + random.below(to - from + 1);
}

function drawByte(random: Random, constants: readonly number[]): number {
  const way = random.below(4);
  if (way === 0 && constants.length > 0) return oneOf(random, constants) & 0xff;
  return way === 1 ? oneOf(random, INTERESTING_BYTES) : random.below(256);
}

/** Another value near this one, or anywhere. */
export function mutateValue(random: Random, arg: Argument, value: Value, constants: readonly number[]): Value {
  if (typeof value === 'number' && random.below(2) === 0) {
    const step = 1 + random.below(4);
    const near = random.below(3) === 0 ? value ^ (1 << random.below(31)) : random.below(2) === 0 ? value + step : value - step;
    if (arg === 'int') return near | 0;
    if (typeof arg === 'object' && 'from' in arg) return Math.min(arg.to, Math.max(arg.from, near));
  }
  if (Array.isArray(value) && value.length > 0 && random.below(4) !== 0) {
    const changed = [...(value as readonly number[])];
    if (random.below(4) === 0) changed.splice(random.below(changed.length), 1);
    else changed[random.below(changed.length)] = drawByte(random, constants);
    return changed;
  }
  return drawValue(random, arg, constants);
}

/** Whether the value is one that drawValue() may give. */
export function fitsArgument(arg: Argument, value: Value): boolean {
  if (arg === 'int') return typeof value === 'number';
  if ('oneOf' in arg) return arg.oneOf.includes(value as number);
  if ('bytes' in arg) return Array.isArray(value) && value.length <= arg.bytes;
  if ('from' in arg) return typeof value === 'number' && value >= arg.from && value <= arg.to;
  if (typeof value !== 'object' || value === null) return false;
  return 'result' in arg ? 'result' in value && value.result === arg.result : 'lengthOf' in value && value.lengthOf === arg.lengthOf;
}

/** Simpler values of the same argument, the simplest first. */
export function simplerValues(arg: Argument, value: Value): Value[] {
  if (typeof arg === 'object' && 'oneOf' in arg) return arg.oneOf.slice(0, arg.oneOf.indexOf(value as number));
  if (typeof value === 'number') {
    const low = typeof arg === 'object' && 'from' in arg ? (arg.from <= 0 && arg.to >= 0 ? 0 : arg.from) : 0;
    const half = low + Math.trunc((value - low) / 2);
    const less = value - Math.sign(value - low);
    return [...new Set([low, half, less])].filter((other) => other !== value);
  }
  if (Array.isArray(value)) {
    const bytes = value as readonly number[];
    if (bytes.length === 0) return [];
    const zeros = bytes.map(() => 0);
    return [[], bytes.slice(0, bytes.length >> 1), bytes.slice(0, -1), ...(bytes.some((byte) => byte !== 0) ? [zeros] : [])];
  }
  return [];
}
