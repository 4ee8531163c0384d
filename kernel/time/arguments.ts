/** Times as a module gives them: C's compiler would not have taken anything but a number. */
import { finite } from '../debug/finite.js';
import { shown } from '../lib/shown.js';

/** Throws TypeError for what is no number: a clock that is given one never comes to the end of it. */
export function check_time(fn: string, name: string, value: unknown): void {
  if (typeof value !== 'number' || Number.isNaN(value)) throw new TypeError(`${fn}: ${name} must be a number, got ${shown(value)}`);
  finite(`${fn}: ${name}`, value);
}
