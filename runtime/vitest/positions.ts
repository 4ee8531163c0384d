/** Places of a test file, as the plugin writes them into it and `ringzero/vitest/points` reads them. */
import type { Effects } from '../../kernel/arch/effects.js';
import type { Mention } from '../loader/source_mentions.js';

/** A variable of the file, and the number of the block that lets it be seen, or null. */
export interface Variable {
  readonly name: string;
  readonly block: number | null;
}

/** A place: line, column, and the function that it is in; of a statement also what it does, and what it mentions. Variables are by number in the file. */
export type Position = readonly [line: number, column: number, fn: string, does?: Does, mentions?: readonly Mention<number>[]];

/** Effects in few characters: what is true of them, and the variables; empty lists at the end are left out. */
export type Does = readonly [flags: number, ...touched: (readonly number[])[]];

const FLAGS = ['plain', 'closed', 'plainAllAlong', 'ends', 'calls', 'wild', 'loud', 'behindAtOnce'] as const;
const TOUCHED = ['reads', 'writes', 'behindReads', 'behindWrites'] as const;

export function shortened(effects: Effects): Does {
  const flags = FLAGS.reduce((sum, flag, bit) => sum | (effects[flag] ? 1 << bit : 0), 0);
  const touched = TOUCHED.map((list) => effects[list]);
  while (touched.at(-1)?.length === 0) touched.pop();
  return [flags, ...touched];
}

/** `variables` has what stands for each number of the file's. */
export function effectsOfDoes([flags, ...touched]: Does, variables: readonly number[]): Effects {
  const is = (flag: (typeof FLAGS)[number]): boolean => (flags & (1 << FLAGS.indexOf(flag))) !== 0;
  const numbers = TOUCHED.map((_, list) => (touched[list] ?? []).map((variable) => variables[variable]!));
  return {
    plain: is('plain'), closed: is('closed'), plainAllAlong: is('plainAllAlong'), ends: is('ends'), calls: is('calls'), wild: is('wild'), loud: is('loud'), behindAtOnce: is('behindAtOnce'),
    reads: numbers[0]!, writes: numbers[1]!, behindReads: numbers[2]!, behindWrites: numbers[3]!,
  };
}
