/** An exploration of module files by several workers: explore() for a scenario that is data, and so may run in other threads. */
import { NR_CPUS } from '../../kernel/arch/cpu.js';
import { NR_IRQS } from '../../kernel/arch/irqchip.js';
import type { ModuleParams } from '../../kernel/module/main.js';
import { MachineError } from '../machine/errors.js';
import { checkLimit, LIMIT_S } from '../machine/options.js';
import { shown } from '../../kernel/lib/shown.js';
import { troubleOf } from '../supervisor/trouble.js';
import { readWorkers } from '../supervisor/workers.js';
import { type Call, checkCall, showCall } from './calls.js';
import { Campaign } from './campaign.js';
import { ExplorationError, ExplorationFailure } from './errors.js';
import type { Exploration } from './explore.js';
import { forgetFailure, keepFailure, keptFailure, nameOfTest } from './kept.js';
import { type ExploreOptions, readOptions } from './options.js';
import { claimOfPart } from './part.js';
import type { Plan } from './plan.js';
import type { MachineOptions } from './schedule.js';
import { shellWord } from './shell_word.js';

const TIMEOUT_S = 10;

export interface ExploreModulesOptions extends Omit<ExploreOptions, keyof MachineOptions> {
  readonly seed?: number;
  /** Threads that share the schedules, 1 to 64; `auto`, which is the default: one a processor. */
  readonly workers?: number | 'auto';
  /** Seconds that a module may run without reaching a preemption point: 10 unless told. */
  readonly timeout_s?: number;
  /** Seconds of the host's time that one call into a machine may take: 300 unless told. */
  readonly limit_s?: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/**
 * Modules are loaded in order, the calls are made, and the modules are unloaded in the opposite order. Whether the
 * machine settles before the calls and before unloading is a choice.
 */
export interface ModulesScenario {
  readonly modules: readonly (string | { readonly path: string; readonly params?: ModuleParams })[];
  /** Interrupts that come once, at any point. */
  readonly arm?: readonly number[];
  /**
   * Calls of what the modules export, made at once, each in a task of its own: `[['read', 1], ['write', 2]]`. A Uint8Array
   * becomes a buffer in kernel memory. The modules are unloaded when all have returned.
   */
  readonly calls?: readonly Call[];
  /** Virtual time to run for after loading, in ms. */
  readonly time_ms?: number;
  readonly cpus?: number;
}

/**
 * Explores module files in several threads. Resolves to what that has shown. Rejects with an ExplorationFailure for the
 * first schedule that fails, which does not depend on how fast the threads are, and with an ExplorationError where the
 * modules do not load, hang, or could not interleave. Machine options other than these have no place here: for them there
 * is explore().
 */
export async function exploreModules(options: ExploreModulesOptions, scenario: ModulesScenario): Promise<Exploration> {
  const { workers = 'auto', timeout_s = TIMEOUT_S, limit_s = LIMIT_S, signal = new AbortController().signal, ...rest } = options;
  const { limits, machine } = readOptions(rest);
  const foreign = Object.keys(machine).find((option) => option !== 'seed');
  if (foreign !== undefined) throw new MachineError(`exploreModules(): there is no option '${foreign}': a machine with options of its own is explored by explore()`);
  const plan = planOf(scenario);
  const name = limits.keep === false ? null : limits.keep ?? nameOfTest(plan.words);
  const kept = name === null ? null : keptFailure(name);
  const campaign = new Campaign(plan, { ...limits, keep: false }, {
    workers: readWorkers('exploreModules(): workers', workers, 'RINGZERO_EXPLORE_WORKERS'),
    kept,
    timeout_s,
    limit_s: checkLimit('exploreModules()', limit_s),
    signal,
    console: () => undefined,
  });
  const { failure, trouble } = await campaign.run();
  if (failure !== null) {
    const why = name === null ? null : keepFailure(name, failure);
    const message = why === null ? failure.message : `${failure.message}\n(it could not be kept for the next run: ${why})`;
    throw new ExplorationFailure(message, failure.headline, failure.token, failure.found, failure.strategy, failure.decisions, undefined);
  }
  const { part, census } = campaign;
  const claim = claimOfPart(limits, part);
  if (trouble !== null) throw new ExplorationError(troubleOf(trouble, timeout_s, claim));
  if (name !== null && kept !== null) forgetFailure(name);
  const { schedules, steps, exhausted, left, estimate } = part;
  return {
    strategy: limits.strategy,
    schedules,
    distinct: census.schedules.size,
    steps,
    exhausted,
    left,
    estimate,
    contexts: census.contexts.size,
    lockStates: census.lockStates.size,
    claim,
  };
}

function planOf({ modules, arm = [], calls = [], time_ms, cpus }: ModulesScenario): Plan {
  if (!Array.isArray(modules) || modules.length === 0) throw new MachineError('exploreModules(): modules must name at least one file');
  for (const irq of arm) {
    if (!Number.isInteger(irq) || irq < 1 || irq >= NR_IRQS) throw new MachineError(`exploreModules(): arm must be interrupt lines from 1 to ${NR_IRQS - 1}, got ${shown(irq)}`);
  }
  if (cpus !== undefined && (!Number.isInteger(cpus) || cpus < 1 || cpus > NR_CPUS)) throw new MachineError(`exploreModules(): cpus must be an integer from 1 to ${NR_CPUS}, got ${shown(cpus)}`);
  if (time_ms !== undefined && !(time_ms >= 0 && time_ms < Infinity)) throw new MachineError(`exploreModules(): time_ms must be a number of milliseconds, got ${shown(time_ms)}`);
  if (!Array.isArray(calls)) throw new MachineError(`exploreModules(): calls must be a list of calls, as in [['read', 1]], got ${shown(calls)}`);
  for (const call of calls as readonly unknown[]) checkCall(call);
  const files = (modules as ModulesScenario['modules']).map((one) => (typeof one === 'string' ? { path: one } : one));
  const words = [
    ...files.flatMap(({ path, params = {} }) => [path, ...Object.entries(params).map(([param, value]) => `${param}=${String(value)}`)]),
    ...arm.flatMap((irq) => ['--arm', String(irq)]),
    ...(calls as readonly Call[]).flatMap((call) => ['--call', showCall(call)]),
    ...(time_ms === undefined ? [] : ['--time', String(time_ms)]),
    ...(cpus === undefined ? [] : ['--cpus', String(cpus)]),
  ];
  return {
    modules: files,
    calls,
    arm,
    words: words.map(shellWord).join(' '),
    ...(time_ms === undefined ? {} : { time_ms }),
    ...(cpus === undefined ? {} : { cpus }),
  };
}
