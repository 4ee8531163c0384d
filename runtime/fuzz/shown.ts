/** What fuzzing has shown, of one fuzzer or of several, as plain data. */
import { count } from '../explore/errors.js';
import type { FuzzLimits } from './options.js';
import type { Program } from './program.js';

export interface Crash {
  /** The first line of what went wrong. */
  readonly headline: string;
  /** The innermost frames of the modules' code, at most three. */
  readonly frames: readonly string[];
  /** What the kernel said, or the error's message. */
  readonly report: string;
  /** The minimised program. */
  readonly program: Program;
  /** A test in TypeScript that fails for as long as the bug is there. */
  readonly test: string;
  /** Its schedule, for replay(); not there where the machine's clocks lead to the crash by themselves. */
  readonly token?: string;
  /** Number of the program that found it, from 1, among its worker's; 0 for one of the corpus that was there before. */
  readonly found: number;
}

/** What fuzzing has shown. */
export interface Fuzzing {
  /** Programs that were run, without those of the corpus that was there before. */
  readonly executions: number;
  /** Programs of that corpus that were run. */
  readonly replayed: number;
  /** Programs of that corpus that are of another driver, or of this one as it was. */
  readonly unfit: number;
  /** Edges of the modules' code that programs which did not crash came to. */
  readonly edges: number;
  /** Programs that came to something new; those of several workers may have come to the same. */
  readonly corpus: readonly Program[];
  /** How many of them were added to the corpus's folder. */
  readonly written: number;
  /** One of each kind. */
  readonly crashes: readonly Crash[];
  /** Programs that crashed. */
  readonly crashed: number;
  /** Programs that were cut short. */
  readonly long: number;
  /** The same in a sentence. */
  readonly claim: string;
}

export type Counts = Pick<Fuzzing, 'executions' | 'replayed' | 'unfit' | 'crashed' | 'long'>;

/** A crash and what tells it from others. */
export interface Found {
  readonly key: string;
  /** Number of the run that found it, from 1, among its fuzzer's. */
  readonly at: number;
  readonly crash: Crash;
}

/** What a fuzzer has come to: the counts from its beginning, the rest since it was asked last. */
export interface FuzzNews {
  readonly counts: Counts;
  /** By their places. */
  readonly edges: readonly number[];
  readonly corpus: readonly Program[];
  /** Names of files of the corpus's folder. */
  readonly written: readonly string[];
  readonly found: readonly Found[];
}

/** The same with its claim. `modules` are their names. */
export function withClaim(limits: FuzzLimits, modules: readonly string[], workers: number, shown: Omit<Fuzzing, 'claim'>): Fuzzing {
  const { executions, replayed, unfit, edges, crashes, crashed, long } = shown;
  const by = workers === 1 ? '' : ` by ${workers} workers`;
  const stored = replayed + unfit === 0 ? '' : `, and ${replayed} of the corpus${unfit === 0 ? '' : ` (${unfit} more ${unfit === 1 ? 'does' : 'do'} not fit)`}`;
  const how = limits.guided ? 'guided by coverage' : 'each drawn by itself';
  const end = crashed === 0 ? 'none crashed' : `${crashed} crashed, in ${count(crashes.length, 'way')}`;
  const cut = long === 0 ? '' : `, ${long} cut short`;
  return { ...shown, claim: `${count(executions, 'program')} from seed ${limits.seed}${by}${stored}, ${how}, came to ${count(edges, 'edge')} of ${modules.join(' and ')}: ${end}${cut}` };
}
