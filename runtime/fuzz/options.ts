/** What fuzzing is told: by its caller, and before that by the environment. */
import { shown } from '../../kernel/lib/shown.js';
import type { MachineOptions } from '../explore/schedule.js';
import { MachineError } from '../machine/errors.js';

export interface FuzzOptions extends MachineOptions {
  /** Programs that are run at most, those of minimising not counted: 10,000 unless told. */
  readonly executions?: number;
  /** Time of the host that it may take, in ms: no limit unless told. What is found may then differ from run to run. */
  readonly milliseconds?: number;
  /** Steps of a program, at most: 12 unless told. */
  readonly steps?: number;
  /** Preemption points after which a program is cut short: 50,000 unless told. */
  readonly points?: number;
  /** Whether coverage guides it, as it does unless told; without, each program is drawn by itself. */
  readonly guided?: boolean;
  /** A folder of programs, which are tried first and to which those that bring new coverage are added: none unless told. */
  readonly corpus?: string;
}

export interface FuzzLimits {
  readonly executions: number;
  readonly milliseconds: number;
  readonly steps: number;
  readonly points: number;
  readonly seed: number;
  readonly guided: boolean;
  readonly corpus: string | null;
}

/** What is told to whom. */
export interface FuzzTold {
  readonly limits: FuzzLimits;
  readonly machine: MachineOptions;
}

const LEAST = { executions: 1, milliseconds: 1, steps: 1, points: 1000, seed: -0x8000_0000 } as const;

/**
 * Takes the fuzzer's own options from those of its machine. RINGZERO_FUZZ_EXECUTIONS and its like, one for each option
 * and for `seed`, have the last word: a nightly run asks for more than the test's author did.
 */
export function readFuzzOptions(options: FuzzOptions, environment: NodeJS.ProcessEnv = process.env): FuzzTold {
  if (typeof options !== 'object' || (options as unknown) === null || Array.isArray(options)) throw new MachineError('fuzz(): options are an object, as in { executions: 1000 }');
  const { executions = 10_000, milliseconds = Infinity, steps = 12, points = 50_000, seed = 0, guided = true, corpus, ...machine } = options;
  for (const name of ['strategy', 'replay', 'trace']) if (name in machine) throw new MachineError(`fuzz(): ${name} is the fuzzer's own business; there are the options of boot() without it`);
  const limits = { executions, milliseconds, steps, points, seed, guided, corpus: corpusOf(corpus, environment) };
  for (const name of Object.keys(LEAST) as (keyof typeof LEAST)[]) {
    const variable = `RINGZERO_FUZZ_${name.toUpperCase()}`;
    const text = environment[variable];
    if (text !== undefined) limits[name] = text.trim() === '' ? NaN : Number(text);
    const value = limits[name];
    if (Number.isInteger(value) && value >= LEAST[name] && value <= 0xffff_ffff) continue;
    if (name === 'milliseconds' && text === undefined && value === Infinity) continue;
    throw new MachineError(`${text === undefined ? `fuzz(): ${name}` : variable} must be an integer of at least ${LEAST[name]}, got ${text ?? shown(value)}`);
  }
  const text = environment['RINGZERO_FUZZ_GUIDED'];
  if (text !== undefined && text !== 'true' && text !== 'false') throw new MachineError(`RINGZERO_FUZZ_GUIDED must be true or false, got ${text}`);
  if (text !== undefined) limits.guided = text === 'true';
  if (typeof limits.guided !== 'boolean') throw new MachineError(`fuzz(): guided must be true or false, got ${shown(limits.guided)}`);
  return { limits, machine: { ...machine, seed: limits.seed } };
}

function corpusOf(corpus: unknown, environment: NodeJS.ProcessEnv): string | null {
  const text = environment['RINGZERO_FUZZ_CORPUS'];
  const folder = text ?? corpus;
  if (folder === undefined) return null;
  if (typeof folder === 'string' && folder !== '') return folder;
  throw new MachineError(`${text === undefined ? 'fuzz(): corpus' : 'RINGZERO_FUZZ_CORPUS'} must be the path of a folder, got ${JSON.stringify(folder)}`);
}

const TIMEOUT_S = 10;
const TIMEOUT_S_MAX = 1e9;

/** Seconds that a module may run without reaching a preemption point; RINGZERO_FUZZ_TIMEOUT_S has the last word. */
export function readTimeout(what: string, timeout_s: unknown = TIMEOUT_S, environment: NodeJS.ProcessEnv = process.env): number {
  const text = environment['RINGZERO_FUZZ_TIMEOUT_S'];
  const value = text === undefined ? timeout_s : text.trim() === '' ? NaN : Number(text);
  if (typeof value === 'number' && value > 0 && value <= TIMEOUT_S_MAX) return value;
  throw new MachineError(`${text === undefined ? what : 'RINGZERO_FUZZ_TIMEOUT_S'} must be a number of seconds above 0, got ${text ?? JSON.stringify(timeout_s)}`);
}
