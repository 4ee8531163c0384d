/** Fuzzing of module files by several workers: fuzz() for a target that is data, and so may run in other threads. */
import { MachineError } from '../machine/errors.js';
import { checkLimit, LIMIT_S } from '../machine/options.js';
import { troubleOf } from '../supervisor/trouble.js';
import { readWorkers } from '../supervisor/workers.js';
import { FuzzCampaign } from './campaign.js';
import { FuzzError } from './errors.js';
import { type FuzzOptions, readFuzzOptions, readTimeout } from './options.js';
import type { Fuzzing } from './shown.js';
import { checkTarget, type FuzzTarget, type Target } from './target.js';
import type { MachineOptions } from '../explore/schedule.js';

export interface FuzzModulesOptions extends Omit<FuzzOptions, keyof MachineOptions> {
  readonly seed?: number;
  readonly cpus?: number;
  /** Threads that share the programs, 1 to 64; `auto`, which is the default: one a processor. */
  readonly workers?: number | 'auto';
  /** Seconds that a module may run without reaching a preemption point: 10 unless told. */
  readonly timeout_s?: number;
  /** Seconds of the host's time that one call into a machine may take: 300 unless told. */
  readonly limit_s?: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** Modules are files, and calls have no `run`. */
export type FuzzModulesTarget = Omit<FuzzTarget, 'setup' | 'source'>;

/**
 * Fuzzes module files in several threads. Resolves to what that has shown, which does not depend on how fast they are.
 * Rejects with a FuzzError where there is nothing to fuzz, or a module does not load or hangs; what was shown until then
 * is the error's `fuzzing`. Machine options other than these have no place here: for them there is fuzz().
 */
export async function fuzzModules(options: FuzzModulesOptions, target: string | FuzzModulesTarget): Promise<Fuzzing> {
  const { workers = 'auto', timeout_s, limit_s = LIMIT_S, signal = new AbortController().signal, ...rest } = options;
  const told = readFuzzOptions(rest);
  const foreign = Object.keys(told.machine).find((option) => option !== 'seed' && option !== 'cpus');
  if (foreign !== undefined) throw new MachineError(`fuzzModules(): there is no option '${foreign}': a machine with options of its own is fuzzed by fuzz()`);
  const timeout = readTimeout('fuzzModules(): timeout_s', timeout_s);
  const campaign = new FuzzCampaign(told, checkData(checkTarget(target)), { workers: readWorkers('fuzzModules(): workers', workers, 'RINGZERO_FUZZ_WORKERS'), timeout_s: timeout, limit_s: checkLimit('fuzzModules()', limit_s), signal });
  const trouble = await campaign.run();
  const { result } = campaign;
  if (trouble === null) return result;
  const message = troubleOf(trouble, timeout, result.claim);
  throw trouble.kind === 'bad-option' ? new MachineError(message) : new FuzzError(message, { fuzzing: result });
}

/** Code of a test does not run in another thread. */
function checkData(target: Target): Target {
  const { modules, calls, setup } = target;
  if (modules.some(({ what }) => typeof what !== 'string')) throw new MachineError("fuzzModules(): a module is a file; a source text is fuzzed by fuzz()");
  if (setup !== null || Object.values(calls).some(({ run }) => run !== undefined)) throw new MachineError('fuzzModules(): setup, and calls that have run(), are code of the test, which does not run in other threads: for them there is fuzz()');
  return target;
}
