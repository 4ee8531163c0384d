/** A scenario as plain data: what `ringzero explore` runs under each schedule, in this thread or in another one. */
import type { ModuleParams } from '../../kernel/module/main.js';
import { KernelError } from '../machine/errors.js';
import type { Machine } from '../machine/machine.js';
import { type Call, checkExports } from './calls.js';
import type { Hint, Reader } from './report.js';
import type { MachineOptions, Scenario } from './schedule.js';

export interface Plan {
  /** Loaded in this order, unloaded in the opposite one. */
  readonly modules: readonly { readonly path: string; readonly params?: ModuleParams }[];
  /** Made at once when the modules are loaded, each in a task of its own; they are unloaded when all have returned. */
  readonly calls: readonly Call[];
  /** Interrupts that come once, at any point. */
  readonly arm: readonly number[];
  /** Virtual time to run for after loading, in ms. */
  readonly time_ms?: number;
  readonly cpus?: number;
  /** Characters that a line of a report has room for. */
  readonly columns?: number;
  /** What comes after the token in the command line that runs a schedule again. */
  readonly words: string;
}

export function hintOf({ words }: Plan): Hint {
  return (token) => `ringzero replay ${token} ${words}`;
}

/** Whom a report of such an exploration is for. */
export function readerOf(plan: Plan): Reader {
  // exploreModules() has these by the same names.
  const tasks = plan.calls.length > 0 ? 'call a function that does more, or two of them' : "call what the modules export, each time in a task of its own, with --call 'NAME(1, 2)'";
  return { hint: hintOf(plan), arm: '--arm IRQ', tasks, ...(plan.columns === undefined ? {} : { columns: plan.columns }) };
}

export function machineOf(plan: Plan): MachineOptions {
  return { replayHint: hintOf(plan), ...(plan.cpus === undefined ? {} : { cpus: plan.cpus }) };
}

/** `faults`: insmod may find no memory. */
export function scenarioOf({ modules, calls, arm, time_ms }: Plan, faults: boolean): Scenario {
  return (machine: Machine): void => {
    for (const irq of arm) machine.arm(irq);
    try {
      for (const { path, params } of modules) machine.insmod(path, params);
    } catch (error) {
      if (!(faults && error instanceof KernelError && error.code === 'ENOMEM')) throw error;
    }
    if (time_ms !== undefined) machine.advance(time_ms * 1e6);
    machine.settleOrGoOn();
    if (calls.length > 0 && machine.lsmod().length === modules.length) {
      checkExports(calls, machine);
      // What a driver writes into a buffer is not given to the next schedule.
      machine.callTogether(...calls.map(([name, ...args]) => [name, ...args.map((arg) => (arg instanceof Uint8Array ? arg.slice() : arg))] as const));
      machine.settleOrGoOn();
    }
    for (const { name } of [...machine.lsmod()].reverse()) machine.rmmod(name);
    machine.outlive();
    // What the kernel has reported says more than that something is left.
    if (machine.headlines().length > 0) return;
    const left = machine.leftovers();
    if (left.length > 0) throw new Error(`left behind by the modules: ${left.map(({ text }) => text).join('\n')}`);
  };
}
