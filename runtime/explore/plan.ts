/** A scenario as plain data: what `ringzero explore` runs under each schedule, in this thread or in another one. */
import type { ModuleParams } from '../../kernel/module/main.js';
import { KernelError } from '../machine/errors.js';
import type { Machine } from '../machine/machine.js';
import type { Hint } from './report.js';
import type { MachineOptions, Scenario } from './schedule.js';

export interface Plan {
  /** Loaded in this order, unloaded in the opposite one. */
  readonly modules: readonly { readonly path: string; readonly params?: ModuleParams }[];
  /** Interrupts that come once, at any point. */
  readonly arm: readonly number[];
  /** Virtual time to run for after loading; until nothing is left to happen at once unless told. */
  readonly time_ms?: number;
  readonly cpus?: number;
  /** What comes after the token in the command line that runs a schedule again. */
  readonly words: string;
}

export function hintOf({ words }: Plan): Hint {
  return (token) => `ringzero replay ${token} ${words}`;
}

export function machineOf(plan: Plan): MachineOptions {
  return { replayHint: hintOf(plan), ...(plan.cpus === undefined ? {} : { cpus: plan.cpus }) };
}

/** `faults`: insmod may find no memory. */
export function scenarioOf({ modules, arm, time_ms }: Plan, faults: boolean): Scenario {
  return (machine: Machine): void => {
    for (const irq of arm) machine.arm(irq);
    try {
      for (const { path, params } of modules) machine.insmod(path, params);
    } catch (error) {
      if (!(faults && error instanceof KernelError && error.code === 'ENOMEM')) throw error;
    }
    if (time_ms !== undefined) machine.advance(time_ms * 1e6);
    machine.settle();
    for (const { name } of [...machine.lsmod()].reverse()) machine.rmmod(name);
    machine.outlive();
    // What the kernel has reported says more than that something is left.
    if (machine.headlines().length > 0) return;
    const left = machine.leftovers();
    if (left.length > 0) throw new Error(`left behind by the modules: ${left.map(({ text }) => text).join('\n')}`);
  };
}
