/**
 * What a statement of a module does up to its next preemption points, as far as its text tells.
 *
 * It is *plain* if up to the next one it does nothing but compute, and read and write the variables that are listed:
 * whatever else a CPU can do commutes with it, unless it touches one of them. It is *closed* if behind the points within
 * it, up to the next statement's, there is nothing but the calls themselves and what is as plain; and plain *all along* if
 * those points are of accesses to memory only. One that *ends* its function would be closed but for its caller, which goes
 * on behind it.
 */

export interface Effects {
  readonly plain: boolean;
  readonly closed: boolean;
  readonly plainAllAlong: boolean;
  readonly ends: boolean;
  /** It calls functions of the kernel, other than those that access one word. */
  readonly calls: boolean;
  /** It may access kernel memory in other ways than by fields, whose accesses have points. */
  readonly wild: boolean;
  /** Variables that more than one context could touch, by number. A plain statement's are all that it touches. */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** The same of those that it touches behind points within it, or behind what may have been one. */
  readonly behindReads: readonly number[];
  readonly behindWrites: readonly number[];
  /** When it touches these, other locks may be held than before, and others may run. */
  readonly loud: boolean;
  /** It may touch some of these before it has come to any point within it. */
  readonly behindAtOnce: boolean;
}

/** Nothing is known of what it does. */
export const UNKNOWN: Effects = {
  plain: false, closed: false, plainAllAlong: false, ends: false, calls: true, wild: true,
  reads: [], writes: [], behindReads: [], behindWrites: [], loud: false, behindAtOnce: true,
};

/** The kernel's own code that calls a module's: it touches nothing of the module's. */
export const INTERNAL: Effects = { ...UNKNOWN, closed: true, wild: false };

const variables: string[] = [];

/** A number for a variable of a module. Its name tells it from all others, in any process. */
export function add_variable(name: string): number {
  return variables.push(name) - 1;
}

export function variable_name(number: number): string {
  return variables[number]!;
}
