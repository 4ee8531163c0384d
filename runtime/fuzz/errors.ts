/** How fuzzing itself fails. */
import type { Fuzzing } from './shown.js';

/** There is nothing to fuzz, or what is fuzzed is not repeatable, or does not come to its end: no crash of a driver. */
export class FuzzError extends Error {
  override readonly name = 'FuzzError';
  /** What was shown until then, by several workers. */
  readonly fuzzing: Fuzzing | null;

  constructor(message: string, { fuzzing = null, ...options }: ErrorOptions & { readonly fuzzing?: Fuzzing | null } = {}) {
    super(message, options);
    this.fuzzing = fuzzing;
  }
}
