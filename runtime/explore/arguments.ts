/** What explore() and replay() are called with, where types have not kept it out: said in their words. */
import { shown } from '../../kernel/mm/arguments.js';
import { near } from '../loader/errors.js';
import { MachineError } from '../machine/errors.js';
import { BOOT_OPTIONS } from '../machine/options.js';
import type { ExploreOptions } from './options.js';

const OWN: readonly string[] = ['strategy', 'schedules', 'milliseconds', 'preemptions', 'delays', 'interrupts', 'faults', 'depth', 'seed', 'kinds', 'reduce', 'keep', 'shard'] satisfies readonly (keyof ExploreOptions)[];
/** Of boot(), but for what is the exploration's business. */
const MACHINES = BOOT_OPTIONS.filter((name) => !['seed', 'strategy', 'replay', 'trace'].includes(name));
const OTHERS: Readonly<Record<string, string>> = {
  workers: 'a scenario that is a function runs in the thread of its test; exploreModules() and the command line take workers',
  timeout_s: 'exploreModules() takes it',
  signal: 'exploreModules() takes it',
  replay: 'replay(token, scenario) runs one schedule again',
  trace: 'boot({ replay: token, trace: true }) keeps the events of one run',
};

/** Throws a MachineError for what is no object of the options that there are. */
export function checkExploreOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new MachineError(`explore(): wants its options and then a scenario, as in explore({ preemptions: 2 }, (machine) => { ... }), got ${shown(options)} for the options`);
  }
  for (const name of Object.keys(options)) {
    if (OWN.includes(name) || MACHINES.includes(name)) continue;
    const why = Object.hasOwn(OTHERS, name) ? OTHERS[name]! : suggestion(name);
    throw new MachineError(`explore(): there is no option '${name}': ${why}`);
  }
}

function suggestion(name: string): string {
  const likely = near(name, [...OWN, ...MACHINES]);
  return `${likely.length === 0 ? '' : `did you mean ${likely.join(' or ')}? `}there are ${OWN.join(', ')}, and for its machines ${MACHINES.join(', ')}`;
}

export function checkScenario(what: string, scenario: unknown): void {
  if (typeof scenario !== 'function') throw new MachineError(`${what}(): wants a scenario, a function that is given a machine, got ${shown(scenario)}`);
}

/** A schedule has ended, and what the scenario has returned with it. */
export function checkReturned(returned: unknown): void {
  if (typeof returned !== 'object' || returned === null || !('then' in returned)) return;
  // It fails behind an await, if not before: that is what is said here.
  Promise.resolve(returned).catch(() => undefined);
  throw new AsyncScenario(
    'the scenario returned a promise, and a schedule ends when its scenario returns: what comes behind an await would run on a machine ' +
      'that is switched off. A scenario is synchronous; machine.advance() and machine.settle() let time pass',
  );
}

/** It is no schedule's failure. */
export class AsyncScenario extends MachineError {}

export function checkToken(token: unknown): void {
  if (typeof token !== 'string') throw new MachineError(`replay(): wants a token as a report has it, 'rz2....', got ${shown(token)}`);
}
