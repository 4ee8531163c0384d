/** `--coverage FILE`, which several commands have: what has run of the modules, as lcov. */
import { writeFileSync } from 'node:fs';
import { collectCoverage, istanbulCoverage, type IstanbulFile } from '../loader/coverage.js';
import { displayPath } from '../loader/parse.js';
import { type Arguments, type Flags, UsageError } from './usage.js';

export const COVERAGE: Flags = { coverage: { value: 'FILE', help: 'Write what has run of the module files, as lcov: lines, functions and branches' } };

/**
 * Runs what compiles and runs modules. If the flag is given they count, and the file is written when it has come to its
 * end, be it with an error. Throws a {@link UsageError} for a file that cannot be written.
 */
export async function withCoverage<T>(args: Arguments, body: () => Promise<T>): Promise<T> {
  const file = args.values.get('coverage')?.[0];
  if (file === undefined) return body();
  const write = (text: string): void => {
    try {
      writeFileSync(file, text);
    } catch (error) {
      throw new UsageError(`--coverage: ${file} cannot be written: ${(error as Error).message}`);
    }
  };
  // Before the modules run: it would be late afterwards to hear that there is no such folder.
  write('');
  collectCoverage();
  try {
    return await body();
  } finally {
    write(Object.values(istanbulCoverage()).map(lcovOf).join(''));
  }
}

/** A file's record of the lcov format, as geninfo's manual describes it. A line runs as often as the statement that begins in it and runs most often. */
function lcovOf({ path, statementMap, fnMap, branchMap, s, f, b }: IstanbulFile): string {
  const lines = new Map<number, number>();
  for (const [id, { start }] of Object.entries(statementMap)) lines.set(start.line, Math.max(lines.get(start.line) ?? 0, s[id]!));
  const functions = Object.entries(fnMap).map(([id, { name, line }]) => ({ name: `${name}:${line}`, line, count: f[id]! }));
  const arms = Object.entries(branchMap).flatMap(([id, { line }]) => {
    const reached = b[id]!.some((count) => count > 0);
    return b[id]!.map((count, arm) => ({ text: `BRDA:${line},${id},${arm},${reached ? count : '-'}`, count }));
  });
  const hit = (list: readonly { readonly count: number }[]): number => list.filter(({ count }) => count > 0).length;
  const counts = [...lines].sort(([one], [other]) => one - other).map(([line, count]) => ({ line, count }));
  return [
    'TN:',
    `SF:${displayPath(path)}`,
    ...functions.map(({ name, line }) => `FN:${line},${name}`),
    ...functions.map(({ name, count }) => `FNDA:${count},${name}`),
    `FNF:${functions.length}`,
    `FNH:${hit(functions)}`,
    ...arms.map(({ text }) => text),
    `BRF:${arms.length}`,
    `BRH:${hit(arms)}`,
    ...counts.map(({ line, count }) => `DA:${line},${count}`),
    `LF:${counts.length}`,
    `LH:${hit(counts)}`,
    'end_of_record\n',
  ].join('\n');
}
