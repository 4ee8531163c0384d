/**
 * Every allocation fails once: a scenario is run again and again, each time on a fresh machine, with the first, the
 * second, the third ... allocation of a module made to fail, until none is left. The first run after which something
 * is wrong is told, with the stack of the allocation that failed in it.
 */
import { said_by } from '../../kernel/lib/shown.js';
import { unwind } from '../../kernel/arch/callstack.js';
import { site_of } from '../../kernel/arch/site.js';
import { format_site } from '../../kernel/debug/report.js';
import { fault_attr, type Injected } from '../../kernel/lib/fault_inject.js';
import { set_fail_page_alloc } from '../../kernel/mm/pages/fail_page_alloc.js';
import { set_failslab } from '../../kernel/mm/slab/failslab.js';
import { __GFP_NOWARN } from '../../kernel/mm/gfp_types.js';
import { owner_of } from '../../kernel/mm/kasan/record.js';
import { format_gfp } from '../../kernel/mm/show_gfp.js';
import { KernelError, KernelOops, KernelPanic } from '../machine/errors.js';
import { Machine } from '../machine/machine.js';
import { type BootOptions, checkOptions } from '../machine/options.js';

/** What went wrong. `success`: insmod returned 0 although an allocation of the module's init function had failed. */
export type FailEachFault = 'panic' | 'oops' | 'report' | 'leak' | 'lock' | 'success' | 'scenario';

export interface FailEachRun {
  readonly machine: Machine;
  readonly fail: {
    /** Which allocation fails in this run; 0 in the first, in which none does. */
    readonly nth: number;
    /** Whether it has failed yet: what a scenario may expect afterwards depends on it. */
    readonly happened: boolean;
  };
}

export interface FailEachOptions {
  readonly boot?: BootOptions;
  /** Only allocations by code of these modules; any module's unless told. */
  readonly modules?: readonly string[];
  /** Says that a failed allocation may be done without: insmod may succeed then. Those with __GFP_NOWARN may, unless told. */
  readonly optional?: (failed: { readonly size: number; readonly gfp: number; readonly fn: string }) => boolean;
  /** Runs at most; 1000 unless told. */
  readonly max?: number;
}

/** What is wrong, where it began, and how to see it again. */
export class FailEachError extends Error {
  override readonly name = 'FailEachError';
  readonly fault: FailEachFault;
  /** Which allocation had to fail; 0 where the scenario goes wrong by itself. */
  readonly nth: number;
  /** The stack of the failed allocation, innermost first; a line a place. */
  readonly stackOfFailure: readonly string[];

  constructor(fault: FailEachFault, nth: number, stackOfFailure: readonly string[], message: string) {
    super(message);
    this.fault = fault;
    this.nth = nth;
    this.stackOfFailure = stackOfFailure;
  }
}

interface Finding {
  readonly fault: FailEachFault;
  readonly text: string;
}

/**
 * Runs `scenario` until each allocation has failed once. A refusal (a KernelError, of insmod say) ends a run and is
 * what a failed allocation should lead to; modules still loaded are removed at the end of each run. Returns how many
 * allocations were made to fail. Throws a {@link FailEachError} for the first run after which the kernel has panicked,
 * oopsed or reported something, memory or a line is left behind, a lock is held, a module was loaded as if nothing
 * had happened, or the scenario's own expectations fail.
 */
export function failEach(scenario: (run: FailEachRun) => void, options: FailEachOptions = {}): number {
  const { max = 1000 } = options;
  for (let nth = 0; nth <= max; nth++) {
    const machine = new Machine(checkOptions(options.boot ?? {}));
    try {
      const injected = inject(machine, nth, options.modules ?? null);
      const found = play(machine, scenario, nth, options);
      if (found !== null) throw explain(found, nth, injected()[0]);
      if (nth > 0 && injected().length === 0) return nth - 1;
    } finally {
      machine.powerOff();
    }
  }
  throw new RangeError(`failEach(): the scenario allocates more than ${max} times: raise { max }`);
}

/** Makes one allocation fail: the counter is one for slab objects and pages. Returns what has failed so far. */
function inject(machine: Machine, nth: number, modules: readonly string[] | null): () => readonly Injected[] {
  const { faults } = machine.kernel;
  if (nth > 0) {
    const attr = new NthOfModules('failslab', modules);
    const settings = { probability: 100, interval: nth, times: 1, verbose: 0 };
    machine.failslab(null);
    set_failslab(settings, attr);
    // The pages of a slab are no allocation of the module's own.
    set_fail_page_alloc({ ...settings, ignore_slab: true }, attr);
  }
  return () => faults.injected;
}

/** Counts what modules ask for, whichever allocator it is. */
class NthOfModules extends fault_attr {
  private readonly only: readonly string[] | null;

  constructor(name: string, only: readonly string[] | null) {
    super(name);
    this.only = only;
  }

  override passes(frame: number, site: number): boolean {
    const owner = owner_of(frame, site);
    return owner !== '' && (this.only === null || this.only.includes(owner));
  }
}

function play(machine: Machine, scenario: (run: FailEachRun) => void, nth: number, options: FailEachOptions): Finding | null {
  const { faults } = machine.kernel;
  const fail = { nth, get happened() { return faults.injected.length > 0; } };
  const claimed = watchInsmod(machine, options);
  try {
    scenario({ machine, fail });
    removeModules(machine);
  } catch (error) {
    const found = whatItMeans(error, nth > 0 && fail.happened);
    if (found !== null) return found;
    try {
      removeModules(machine);
    } catch (later) {
      return whatItMeans(later, true) ?? { fault: 'report', text: `a module cannot be removed: ${said_by(later)}` };
    }
  }
  return afterwards(machine, claimed());
}

/** What an error of the scenario says; null for a refusal, which is as it should be. */
function whatItMeans(error: unknown, refusalIsFine: boolean): Finding | null {
  if (error instanceof KernelPanic) return { fault: 'panic', text: error.report };
  if (error instanceof KernelOops) return { fault: 'oops', text: error.report };
  if (error instanceof KernelError && refusalIsFine) return null;
  return { fault: 'scenario', text: said_by(error) };
}

function removeModules(machine: Machine): void {
  for (let left = machine.lsmod(); left.length > 0; ) {
    for (const { name, usedBy } of left) if (usedBy.length === 0) machine.rmmod(name);
    const now = machine.lsmod();
    if (now.length === left.length) return;
    left = now;
  }
}

/** Notes a module that was loaded although an allocation of its own failed meanwhile. */
function watchInsmod(machine: Machine, { optional }: FailEachOptions): () => string | null {
  const { faults } = machine.kernel;
  let claimed: string | null = null;
  const insmod = machine.insmod.bind(machine);
  machine.insmod = (what, params) => {
    const before = faults.injected.length;
    insmod(what, params);
    const failed = faults.injected[before];
    if (failed === undefined) return;
    const fn = site_of(unwind(failed.frame, failed.site)[0] ?? 0).fn;
    const isOptional = optional?.({ size: failed.size, gfp: failed.gfp, fn }) ?? (failed.gfp & __GFP_NOWARN) !== 0;
    if (!isOptional) claimed = owner_of(failed.frame, failed.site);
  };
  return () => claimed;
}

/** The machine at the end of a run. */
function afterwards(machine: Machine, claimed: string | null): Finding | null {
  const reports = machine.unexpectedReports();
  const oops = reports.find(({ rule }) => rule === 'oops');
  if (oops !== undefined) return { fault: 'oops', text: oops.text };
  const left = machine.leftovers();
  const list = (some: typeof left): string => some.map(({ kind, text }) => `  ${kind}: ${text}`).join('\n');
  const locks = left.filter(({ kind }) => kind === 'lock' || kind === 'context');
  if (locks.length > 0) return { fault: 'lock', text: list(locks) };
  if (left.length > 0) return { fault: 'leak', text: list(left) };
  // That an allocation failed is what the run is about.
  const said = reports.find(({ rule }) => rule !== 'page-alloc-failure');
  if (said !== undefined) return { fault: said.rule === 'context-imbalance' ? 'lock' : 'report', text: said.text };
  if (claimed !== null) return { fault: 'success', text: `insmod ${claimed} returned 0` };
  return null;
}

const WORDS: Readonly<Record<FailEachFault, string>> = {
  panic: 'the kernel panics',
  oops: 'the module oopses',
  report: 'the kernel reports a fault',
  leak: 'something is left behind',
  lock: 'a lock is held or the context is out of balance',
  success: 'insmod claims success (say { optional } or __GFP_NOWARN where the module can do without it)',
  scenario: "the scenario's own check fails",
};

function explain({ fault, text }: Finding, nth: number, failed: Injected | undefined): FailEachError {
  if (nth === 0 || failed === undefined) {
    return new FailEachError(fault, 0, [], `failEach(): the scenario goes wrong although nothing fails: ${WORDS[fault]}\n\n${text}`);
  }
  const places = unwind(failed.frame, failed.site).map(format_site);
  const stack = places.map((place) => `  ${place}`).join('\n');
  return new FailEachError(
    fault,
    nth,
    places,
    `when allocation ${nth} fails, ${WORDS[fault]}.\n\nThe allocation that failed: ${failed.size} bytes, ${format_gfp(failed.gfp)}, in ${failed.comm}\n${stack}\n\nWhat came of it:\n${text}`,
  );
}
