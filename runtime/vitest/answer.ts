/** A test answers for what its machines report: at its end, what nobody expected fails it. */
import { KernelReport } from '../machine/errors.js';
import { noteThrown } from '../machine/expected_reports.js';
import type { Machine } from '../machine/machine.js';
import { watchBoots } from '../machine/watch_boots.js';

/** Machines of boot() that may have something to say: those that run, and those that are off and have reported something. */
let booted: Machine[] = [];

watchBoots((machine) => {
  // A test may boot thousands, one after the other.
  booted = booted.filter((other) => !other.isOff || isHeard(other));
  booted.push(machine);
});

function isHeard(machine: Machine): boolean {
  return machine.kernel.reports.length > 0 || machine.missingReports().length > 0;
}

/** Throws for the first of the machines booted by boot() that has reported what nobody expected, or not what was expected. */
export function answerForBooted(): void {
  for (const machine of endOfTest()) answerFor(machine);
}

/** Of a test that has failed by itself nothing more is asked. */
export function forgetBooted(): void {
  for (const machine of endOfTest()) noteThrown(machine.unseenReports());
}

/** The machines of the test. One that still runs may serve the next test, too. */
function endOfTest(): readonly Machine[] {
  const machines = booted;
  booted = machines.filter((machine) => !machine.isOff);
  return machines;
}

/** The same for one machine. Throws a KernelReport or an AssertionFailure, which say what to do. */
export function answerFor(machine: Machine): void {
  try {
    machine.checkReports();
  } catch (error) {
    noteThrown(machine.unseenReports());
    throw explained(error as Error, machine);
  }
}

/** Its stack would be ours. */
function explained(error: Error, machine: Machine): Error {
  const advice = error instanceof KernelReport ? "\n\nThe test did not expect that. Where it is meant to come, name it: machine.expectReport('...') before it comes, or expect(machine).toHaveWarned('...') afterwards." : '';
  error.message += `${advice}\n\nThe same again: boot({ replay: '${machine.token()}' })`;
  error.stack = `${error.name}: ${error.message}`;
  Reflect.deleteProperty(error, 'headline');
  return error;
}
