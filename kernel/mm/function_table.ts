/**
 * Function pointers: a JavaScript function that kernel memory points to has an address, the same for the same
 * function as long as the machine lives. As on arm, the addresses lie just below lowmem.
 */
import { FUNCTIONS_START, PAGE_OFFSET } from './layout.js';

// A function pointer may have any signature: that is what C's cast says too.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyFunction = (...args: any[]) => any;

const FUNCTION_BYTES = 16;
const FUNCTIONS_MAX = (PAGE_OFFSET - FUNCTIONS_START) / FUNCTION_BYTES;

export class FunctionTable {
  private readonly functions: AnyFunction[] = [];
  /** Built at first use: most machines need none. */
  private addresses: Map<AnyFunction, number> | null = null;

  /** The function's address. Throws RangeError after a million different functions. */
  address_of(fn: AnyFunction): number {
    this.addresses ??= new Map();
    const known = this.addresses.get(fn);
    if (known !== undefined) return known;
    if (this.functions.length >= FUNCTIONS_MAX) throw new RangeError(`more than ${FUNCTIONS_MAX} functions have addresses`);
    const address = FUNCTIONS_START + FUNCTION_BYTES * this.functions.length;
    this.functions.push(fn);
    this.addresses.set(fn, address);
    return address;
  }

  /** The function at an address, or null where there is none. */
  at(address: number): AnyFunction | null {
    const offset = address - FUNCTIONS_START;
    if (offset % FUNCTION_BYTES !== 0) return null;
    return this.functions[offset / FUNCTION_BYTES] ?? null;
  }
}
