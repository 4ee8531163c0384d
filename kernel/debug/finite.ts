/**
 * Numbers that no integer of C's can be. What makes them, a division by zero as a rule, would have stopped the
 * processor there; here they are found where they come into the kernel.
 */
import { divide_error } from './fault.js';

/**
 * The value, unless it is NaN or infinite: those are a fault of the division that made them. Of a fraction C keeps the
 * whole part, as do the words of memory. Called for what is no integer of 32 bits only. Context: any.
 */
export function finite<T>(what: string, value: T): T {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    divide_error(`${what} is to be ${value}, which is no integer: what is divided by zero has no value`);
  }
  return value;
}
