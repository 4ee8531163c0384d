/**
 * Which statements, functions and branches of the modules' files have run, and how often: by counters in the code, which
 * are there only if somebody asked for them before the files were compiled.
 *
 * The counts lie in shared memory, so that a thread's are seen even if it is ended.
 */
import type { SourceFile } from './parse.js';
import { readText, stampOf } from './resolve.js';

/** In Istanbul's way: lines from 1, columns from 0. */
export interface Range {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

/** What can be counted; what comes to something is the index of its counter. */
export interface FileCounts {
  readonly path: string;
  readonly statements: { readonly loc: Range; readonly counter: number }[];
  readonly functions: { readonly name: string; readonly loc: Range; readonly counter: number }[];
  readonly branches: { readonly type: BranchType; readonly loc: Range; readonly arms: { readonly loc: Range; readonly counter: number }[] }[];
  readonly counts: Float64Array;
}

export type BranchType = 'if' | 'cond-expr' | 'binary-expr' | 'switch' | 'default-arg';

/** A file's entry of Istanbul's coverage data. */
export interface IstanbulFile {
  readonly path: string;
  readonly statementMap: Record<string, Range>;
  readonly fnMap: Record<string, { name: string; decl: Range; loc: Range; line: number }>;
  readonly branchMap: Record<string, { type: BranchType; loc: Range; locations: Range[]; line: number }>;
  readonly s: Record<string, number>;
  readonly f: Record<string, number>;
  readonly b: Record<string, number[]>;
}

let collecting = false;
let tell: (file: FileCounts) => void = () => undefined;
const files: FileCounts[] = [];

/** Files that are compiled from now on count. `told` hears of each of them. */
export function collectCoverage(told: (file: FileCounts) => void = () => undefined): void {
  collecting = true;
  tell = told;
}

export function collectsCoverage(): boolean {
  return collecting;
}

/** Whether a file's code is to count: a text that is in no file has no coverage. */
export function isCounted({ path, text }: SourceFile): boolean {
  return collecting && stampOf(path) !== null && readText(path).replace(/^\uFEFF/, '') === text;
}

/** What a file that was compiled here, or in a thread, counts. */
export function addCounts(file: FileCounts): void {
  files.push(file);
  tell(file);
}

/** What has run so far, by file; all machines of all threads together. */
export function istanbulCoverage(): Record<string, IstanbulFile> {
  const byPath: Record<string, IstanbulFile> = {};
  for (const file of files) addFile(byPath, istanbulFile(file));
  return byPath;
}

function istanbulFile({ path, statements, functions, branches, counts }: FileCounts): IstanbulFile {
  const numbered = <T, V>(list: readonly T[], value: (item: T) => V): Record<string, V> => Object.fromEntries(list.map((item, i) => [i, value(item)]));
  return {
    path,
    statementMap: numbered(statements, ({ loc }) => loc),
    fnMap: numbered(functions, ({ name, loc }) => ({ name, decl: loc, loc, line: loc.start.line })),
    branchMap: numbered(branches, ({ type, loc, arms }) => ({ type, loc, locations: arms.map((arm) => arm.loc), line: loc.start.line })),
    s: numbered(statements, ({ counter }) => counts[counter]!),
    f: numbered(functions, ({ counter }) => counts[counter]!),
    b: numbered(branches, ({ arms }) => arms.map(({ counter }) => counts[counter]!)),
  };
}

/** Adds a file's counts to those of its path. A file that has been edited meanwhile counts from there. */
export function addFile(byPath: Record<string, IstanbulFile>, file: IstanbulFile): void {
  const known = byPath[file.path];
  byPath[file.path] = known !== undefined && sameShape(known, file) ? combined(known, file, 1) : file;
}

/** The counts of `now` without those of `before`, which has the same shape or is none of the file. */
export function countsSince(before: IstanbulFile | undefined, now: IstanbulFile): IstanbulFile {
  return before !== undefined && sameShape(before, now) ? combined(now, before, -1) : now;
}

function sameShape(a: IstanbulFile, b: IstanbulFile): boolean {
  const shape = ({ statementMap, fnMap, branchMap }: IstanbulFile): string => JSON.stringify([statementMap, fnMap, branchMap]);
  return shape(a) === shape(b);
}

function combined(one: IstanbulFile, other: IstanbulFile, sign: 1 | -1): IstanbulFile {
  const sums = (a: Record<string, number>, b: Record<string, number>): Record<string, number> => Object.fromEntries(Object.entries(a).map(([id, count]) => [id, count + sign * b[id]!]));
  const arms = Object.entries(one.b).map(([id, counts]) => [id, counts.map((count, i) => count + sign * other.b[id]![i]!)] as const);
  return { ...one, s: sums(one.s, other.s), f: sums(one.f, other.f), b: Object.fromEntries(arms) };
}
