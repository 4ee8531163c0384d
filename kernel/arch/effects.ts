/**
 * What a statement of a module does up to its next preemption points, as far as its text tells.
 *
 * It is *plain* if up to the next one it does nothing but compute, and read and write the variables that are listed:
 * whatever else a CPU can do commutes with it, unless it touches one of them. It is plain *all along* if the points
 * within it are those of accesses to fields only, and it is as plain between them.
 */

export interface Effects {
  readonly plain: boolean;
  readonly plainAllAlong: boolean;
  /** It may access kernel memory in other ways than by fields, whose accesses have points. */
  readonly wild: boolean;
  /** Variables that more than one context could touch, by number. A plain statement's are all that it touches. */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

/** Nothing is known of what it does. */
export const UNKNOWN: Effects = { plain: false, plainAllAlong: false, wild: true, reads: [], writes: [] };

/** The kernel's own code that calls a module's: it touches nothing of the module's. */
export const INTERNAL: Effects = { plain: false, plainAllAlong: false, wild: false, reads: [], writes: [] };

const variables: string[] = [];

/** A number for a variable of a module. Its name tells it from all others, in any process. */
export function add_variable(name: string): number {
  return variables.push(name) - 1;
}

export function variable_name(number: number): string {
  return variables[number]!;
}
