/** How fuzzing itself fails. */

/** There is nothing to fuzz, or what is fuzzed is not repeatable: no crash of a driver. */
export class FuzzError extends Error {
  override readonly name = 'FuzzError';
}
