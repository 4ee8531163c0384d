/** Fault injection as a host asks for it: the settings of Linux's /sys/kernel/debug/failslab and fail_page_alloc. */
import type { fault_settings } from '../../kernel/lib/fault_inject.js';
import type { fail_page_alloc_settings } from '../../kernel/mm/pages/fail_page_alloc.js';
import { shown } from '../../kernel/lib/shown.js';
import type { failslab_settings } from '../../kernel/mm/slab/failslab.js';
import { MachineError } from './errors.js';

export interface FaultSettings {
  /** In percent; 100 unless told. Which ones fail comes from the machine's seed. */
  readonly probability?: number;
  /** Only each so many-th allocation that passes the filters can fail. */
  readonly interval?: number;
  /** How many failures at most; -1, which is the default, as many as there are. */
  readonly times?: number;
  /** Bytes, of pages: pages, that are allocated before any fails. */
  readonly space?: number;
  /** 0 says nothing in the log, 1 a header, 2 the call trace, too; 2 unless told. */
  readonly verbose?: number;
  /** Only tasks that have set current.make_it_fail. */
  readonly taskFilter?: boolean;
  /** Only code of these modules. */
  readonly modules?: readonly string[];
  /** Only what is asked for with all of these flags. */
  readonly gfp?: number;
  /** Leaves alone what may sleep. */
  readonly ignoreGfpWait?: boolean;
  /** Whether each one fails is a choice of the machine's strategy, and no matter of probability. */
  readonly choose?: boolean;
}

export interface FailSlab extends FaultSettings {
  /** Only objects of such sizes, in bytes. */
  readonly minSize?: number;
  readonly maxSize?: number;
}

export interface FailPageAlloc extends FaultSettings {
  /** Blocks of a smaller order are left alone. */
  readonly minOrder?: number;
  readonly ignoreGfpHighmem?: boolean;
}

const KEYS = ['probability', 'interval', 'times', 'space', 'verbose', 'taskFilter', 'modules', 'gfp', 'ignoreGfpWait', 'choose'];

function common(what: string, settings: FaultSettings, more: readonly string[]): fault_settings & { ignore_gfp_wait: boolean } {
  for (const key of Object.keys(settings)) {
    const known = [...KEYS, ...more];
    if (!known.includes(key)) throw new MachineError(`${what}(): there is no setting '${key}'; there are ${known.join(', ')}`);
  }
  const { probability = 100, interval = 1, times = -1, space = 0, verbose = 2, taskFilter = false, modules, gfp = 0, ignoreGfpWait = false, choose = false } = settings;
  const limits = [['probability', probability, 0, 100], ['interval', interval, 1, Infinity], ['times', times, -1, Infinity], ['space', space, 0, Infinity], ['verbose', verbose, 0, 2]] as const;
  for (const [name, value, low, high] of limits) {
    if (!Number.isInteger(value) || value < low || value > high) throw new MachineError(`${what}(): ${name} must be an integer from ${low} to ${high}, got ${shown(value)}`);
  }
  return { probability, interval, times, space, verbose, task_filter: taskFilter, modules: modules ?? null, gfp, choose, ignore_gfp_wait: ignoreGfpWait };
}

function checkSettings(what: string, settings: unknown): void {
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return;
  throw new MachineError(`${what}(): wants settings, as in { probability: 10 }, or null for no more failures, got ${shown(settings)}`);
}

export function failslabSettings(settings: FailSlab): failslab_settings {
  checkSettings('failslab', settings);
  const { minSize = 0, maxSize = Infinity, ...rest } = settings;
  return { ...common('failslab', rest, ['minSize', 'maxSize']), min_size: minSize, max_size: maxSize };
}

export function failPageAllocSettings(settings: FailPageAlloc): fail_page_alloc_settings {
  checkSettings('failPageAlloc', settings);
  const { minOrder = 0, ignoreGfpHighmem = false, ...rest } = settings;
  return { ...common('failPageAlloc', rest, ['minOrder', 'ignoreGfpHighmem']), min_order: minOrder, ignore_gfp_highmem: ignoreGfpHighmem };
}

/** Settings as Linux's boot parameter has them: `interval,probability,space,times`. */
export function parseFaultParameter(name: string, text: string): FaultSettings {
  const numbers = text.split(',').map(Number);
  const [interval, probability, space, times] = numbers;
  if (numbers.length !== 4 || numbers.some((number) => !Number.isInteger(number))) {
    throw new MachineError(`${name}: wanted interval,probability,space,times, as in 1,100,0,-1; got '${text}'`);
  }
  return { interval: interval!, probability: probability!, space: space!, times: times! };
}
