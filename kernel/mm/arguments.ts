/** Arguments as C would take them: what strict TypeScript cannot rule out is said in the caller's words. */
import { shown } from '../lib/shown.js';

/**
 * A size_t: a negative number is a huge one, as in C, and so is one past 32 bits.
 * Throws TypeError for what is not an integer.
 */
export function as_size(fn: string, name: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new TypeError(`${fn}: ${name} must be an integer, got ${shown(value)}`);
  return value > 0xffffffff ? 0xffffffff : value >>> 0;
}

/** Allocation flags: throws TypeError for what is not an integer of 32 bits. */
export function check_gfp(fn: string, gfp: unknown): void {
  if (typeof gfp !== 'number' || (gfp | 0) !== gfp) throw new TypeError(`${fn}: flags must be GFP_ flags, got ${shown(gfp)}`);
}

/** An address, null being 0. Throws TypeError for what is neither. */
export function as_address(fn: string, value: unknown): number {
  if (value === null) return 0;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new TypeError(`${fn}: expected a pointer or null, got ${shown(value)}`);
  return value;
}
