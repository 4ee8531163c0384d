/**
 * What a statement of a module does up to its next preemption point, as far as its text tells.
 *
 * A statement that is *plain* does nothing there but compute, and read and write the variables that are listed:
 * whatever else a CPU can do commutes with it, unless it touches one of them.
 */

export interface Effects {
  readonly plain: boolean;
  /** Variables that more than one context could touch, by number. A plain statement's are all that it touches. */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

/** Nothing is known of what it does. */
export const UNKNOWN: Effects = { plain: false, reads: [], writes: [] };

const variables: string[] = [];

/** A number for a variable of a module. Its name tells it from all others, in any process. */
export function add_variable(name: string): number {
  return variables.push(name) - 1;
}

export function variable_name(number: number): string {
  return variables[number]!;
}
