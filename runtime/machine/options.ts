/** What a machine is booted with, checked. */
import { THREAD_SIZE } from '../../kernel/arch/callstack.js';
import { NR_CPUS } from '../../kernel/arch/cpu.js';
import { hung_task_sysctls, type HungTaskSysctls } from '../../kernel/debug/hung_task.js';
import { rules, type RuleName, type RuleSettings } from '../../kernel/debug/rules.js';
import { shown } from '../../kernel/lib/shown.js';
import { DEFAULT_PAGES } from '../../kernel/mm/mm.js';
import { LOWMEM_PAGES_MAX } from '../../kernel/mm/node.js';
import type { Strategy } from '../choice/choice.js';
import { MachineError } from './errors.js';
import { type FailPageAlloc, type FailSlab, parseFaultParameter } from './faults.js';

export interface BootOptions {
  /** 1 to 8; 2 unless told. */
  readonly cpus?: number;
  /** Zone sizes in pages of 4096 bytes; 4 MiB, 12 MiB and 4 MiB unless told. The first two together are at most 992 MiB, highmem 1 GiB. */
  readonly memory?: { readonly dma?: number; readonly normal?: number; readonly highmem?: number };
  /** Seeds whatever is random: choices, get_random_u32(). 0 unless told. */
  readonly seed?: number;
  /**
   * How the machine chooses where it could go more than one way: `time`, by its clocks, which is the default;
   * `random`, by the seed; or a strategy of one's own.
   */
  readonly strategy?: 'time' | 'random' | Strategy;
  /** Ticks a second: 24 to 1000; 250 unless told. */
  readonly hz?: number;
  /**
   * Bytes of each task's stack, and of each CPU's for interrupts, of which a function of a module takes 64 by estimate:
   * 4096 to 65536; 16384 unless told. A call that does not fit is a panic.
   */
  readonly stack?: number;
  /** What each rule does when it is broken; see docs/rules. */
  readonly rules?: RuleSettings;
  /** Settings of the kernel by their names, as in { 'kernel.hung_task_timeout_secs': 30 }; 0 switches that off. */
  readonly sysctl?: HungTaskSysctls;
  /** Messages of a level below this reach the console: 0 to 8; 7 unless told. */
  readonly loglevel?: number;
  /** Where the console goes, a line at a time; nowhere unless told. */
  readonly console?: (line: string) => void;
  /** A token from a report: the machine goes the way that run went. */
  readonly replay?: string;
  /** How a report tells its reader to run it again; boot({ replay }) unless told. */
  readonly replayHint?: (token: string) => string;
  /** Keeps an event log: context switches, interrupts, softirqs, messages. */
  readonly trace?: boolean;
  /**
   * Seconds of the host's time that one call into the machine may take: 300 unless told, Infinity for no limit. One that
   * takes longer ends at the next preemption point, with a CallTooLong that says where it was.
   */
  readonly limit_s?: number;
}

export interface Options {
  readonly cpus: number;
  readonly dma: number;
  readonly normal: number;
  readonly highmem: number;
  readonly seed: number;
  readonly strategy: 'time' | 'random' | Strategy;
  readonly hz: number;
  readonly stack: number;
  /** Null where nothing differs from the rules' own settings. */
  readonly rules: RuleSettings | null;
  /** Null where nothing differs from the defaults. */
  readonly sysctl: HungTaskSysctls | null;
  readonly loglevel: number;
  readonly console: ((line: string) => void) | null;
  readonly replay: string | null;
  readonly replayHint: (token: string) => string;
  readonly trace: boolean;
  readonly limit_s: number;
  /** What RINGZERO_FAILSLAB and RINGZERO_FAIL_PAGE_ALLOC say. */
  readonly failslab: FailSlab | null;
  readonly failPageAlloc: FailPageAlloc | null;
}

/** Their names. */
export const BOOT_OPTIONS: readonly string[] = ['cpus', 'memory', 'seed', 'strategy', 'hz', 'stack', 'rules', 'sysctl', 'loglevel', 'console', 'replay', 'replayHint', 'trace', 'limit_s'];
/** Seconds of the host's time that one call into a machine may take, unless told. */
export const LIMIT_S = 300;

const zones = ['dma', 'normal', 'highmem'];
const wantedTypes = [['console', 'function'], ['replay', 'string'], ['replayHint', 'function'], ['trace', 'boolean']] as const;

/** Throws a {@link MachineError} that says what is wrong with them. */
export function checkOptions(options: BootOptions): Options {
  if (!isObject(options)) throw new MachineError(`boot(): options are an object, as in { cpus: 2 }, got ${shown(options)}`);
  for (const key in options) {
    if (!BOOT_OPTIONS.includes(key)) throw new MachineError(`boot(): there is no option '${key}'; there are ${BOOT_OPTIONS.join(', ')}`);
  }
  const { memory = {}, strategy = 'time', rules: settings = {} } = options;
  if (!isObject(memory)) throw new MachineError(`boot(): memory must be an object of zone sizes in pages, as in { normal: 4096 }, got ${shown(memory)}`);
  for (const zone of Object.keys(memory)) {
    if (!zones.includes(zone)) throw new MachineError(`boot(): memory has no zone '${zone}'; there are ${zones.join(', ')}`);
  }
  if (!isObject(settings)) throw new MachineError(`boot(): rules must be an object, as in { kasan: 'warn' }, got ${shown(settings)}`);
  for (const [name, wanted] of wantedTypes) {
    const value: unknown = options[name];
    if (value !== undefined && value !== null && typeof value !== wanted) throw new MachineError(`boot(): ${name} must be a ${wanted}, got ${shown(value)}`);
  }
  if (typeof strategy !== 'string' && (!isObject(strategy) || typeof strategy.gap !== 'function')) {
    throw new MachineError(`boot(): strategy must be 'time', 'random' or a Strategy, got ${shown(strategy)}`);
  }
  if (typeof strategy === 'string' && strategy !== 'time' && strategy !== 'random') {
    throw new MachineError(`boot(): strategy must be 'time', 'random' or a Strategy, got ${shown(strategy)}`);
  }
  for (const [rule, setting] of Object.entries(settings)) {
    if (!Object.hasOwn(rules, rule)) throw new MachineError(`boot(): there is no rule '${rule}'; there are ${Object.keys(rules).join(', ')}`);
    if (!['panic', 'warn', 'off'].includes(setting)) {
      throw new MachineError(`boot(): rule '${rule}' must be 'panic', 'warn' or 'off', got ${shown(setting)}`);
    }
  }
  const dma = integer('memory.dma', memory.dma ?? DEFAULT_PAGES.dma_pages, 0, LOWMEM_PAGES_MAX);
  const normal = integer('memory.normal', memory.normal ?? DEFAULT_PAGES.normal_pages, 0, LOWMEM_PAGES_MAX);
  integer('memory.dma and memory.normal together', dma + normal, 1, LOWMEM_PAGES_MAX);
  const { RINGZERO_FAILSLAB, RINGZERO_FAIL_PAGE_ALLOC } = process.env;
  return {
    cpus: integer('cpus', options.cpus ?? 2, 1, NR_CPUS),
    dma,
    normal,
    highmem: integer('memory.highmem', memory.highmem ?? DEFAULT_PAGES.highmem_pages, 0, 1 << 18),
    seed: integer('seed', options.seed ?? 0, -0x8000_0000, 0xffff_ffff),
    strategy,
    hz: integer('hz', options.hz ?? 250, 24, 1000),
    stack: integer('stack', options.stack ?? THREAD_SIZE, 4096, 65536),
    rules: Object.keys(settings).length === 0 ? null : settings,
    sysctl: options.sysctl === undefined ? null : checkSysctl(options.sysctl),
    loglevel: integer('loglevel', options.loglevel ?? 7, 0, 8),
    console: options.console ?? null,
    replay: options.replay ?? null,
    replayHint: options.replayHint ?? ((token) => `boot({ replay: '${token}' })`),
    trace: options.trace ?? false,
    limit_s: checkLimit('boot()', options.limit_s ?? LIMIT_S),
    failslab: RINGZERO_FAILSLAB === undefined ? null : parseFaultParameter('RINGZERO_FAILSLAB', RINGZERO_FAILSLAB),
    failPageAlloc: RINGZERO_FAIL_PAGE_ALLOC === undefined ? null : parseFaultParameter('RINGZERO_FAIL_PAGE_ALLOC', RINGZERO_FAIL_PAGE_ALLOC),
  };
}

/** `what` takes it. Throws a {@link MachineError} for what is no limit. */
export function checkLimit(what: string, limit_s: unknown): number {
  if (typeof limit_s === 'number' && limit_s > 0) return limit_s;
  throw new MachineError(`${what}: limit_s must be a number of seconds above 0, got ${shown(limit_s)}`);
}

function checkSysctl(settings: HungTaskSysctls): HungTaskSysctls {
  if (!isObject(settings)) throw new MachineError(`boot(): sysctl must be an object, as in { 'kernel.hung_task_timeout_secs': 30 }, got ${shown(settings)}`);
  const names = Object.keys(hung_task_sysctls);
  for (const [name, value] of Object.entries(settings)) {
    if (!names.includes(name)) throw new MachineError(`boot(): there is no sysctl '${name}'; there are ${names.join(', ')}`);
    integer(`sysctl '${name}'`, value, name === 'kernel.hung_task_warnings' ? -1 : 0, 0x7fff_ffff);
  }
  return settings;
}

/** Objects only: null and arrays come from a slip. */
function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function integer(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new MachineError(`boot(): ${name} must be an integer from ${low} to ${high}, got ${shown(value)}`);
}

/** Which settings of the rules a machine has, in one text: part of what a token was recorded with. */
export function describeRules(settings: Readonly<Record<RuleName, string>>): string {
  return Object.entries(settings).map(([rule, setting]) => `${rule}=${setting}`).join(' ');
}
