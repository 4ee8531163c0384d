/** One schedule: a fresh machine, the scenario, and how it ended. */
import type { Strategy } from '../choice/choice.js';
import { KernelError, KernelOops, KernelPanic } from '../machine/errors.js';
import { boot, type Machine } from '../machine/machine.js';
import type { BootOptions } from '../machine/options.js';

/** What is run again and again. It throws where something is wrong: an assertion, or the kernel's own report. */
export type Scenario = (machine: Machine) => void;

/** The options of the machine; how it chooses is the exploration's business. */
export type MachineOptions = Omit<BootOptions, 'strategy' | 'replay' | 'console' | 'trace'>;

export interface Failure {
  /** What tells this failure from another: a headline, or an error's name and message. */
  readonly key: string;
  readonly error: unknown;
  readonly token: string;
}

/** Runs the scenario once. Returns null where it passed. */
export function runSchedule(options: MachineOptions, how: { strategy: Strategy } | { replay: string }, scenario: Scenario): Failure | null {
  const machine = boot({ ...options, ...how });
  try {
    scenario(machine);
    return null;
  } catch (error) {
    return { key: keyOf(error), error, token: machine.token() };
  } finally {
    machine.powerOff();
  }
}

/** Numbers and addresses of a message may differ between two schedules with the same fault. */
function keyOf(error: unknown): string {
  if (error instanceof KernelPanic || error instanceof KernelOops) return mask(error.headline.split('\n')[0]!);
  if (error instanceof KernelError) return error.message;
  if (error instanceof Error) return mask(`${error.name}: ${error.message.split('\n')[0]!}`);
  return String(error);
}

function mask(text: string): string {
  return text.replace(/\b(0x)?[0-9a-f]{8}\b|\b\d+\b/g, '#');
}
