/** A fresh machine for every test, switched off afterwards. What a machine reports and nobody expected fails the test. */
import { test as base } from 'vitest';
import { Machine } from '../machine/machine.js';
import { type BootOptions, checkOptions } from '../machine/options.js';
import { answerFor, answerForBooted, forgetBooted } from './answer.js';
import { explainFailure } from './failure.js';

interface Fixtures {
  /** What the test's machine is booted with: `test.override({ boot: { cpus: 1 } })`, for a file or a describe(). */
  boot: BootOptions;
  /**
   * Booted when a test first asks for it. A test that fails says what the machine printed, and how to replay it; one that passes
   * otherwise fails where the machine has reported what the test did not expect.
   */
  machine: Machine;
  /** The same for the machines that the test boots itself. */
  bootedMachines: undefined;
}

export const test = base.extend<Fixtures>({
  boot: {},
  machine: async ({ boot, task, onTestFinished }, use) => {
    const machine = new Machine(checkOptions(boot));
    // A fixture that throws when it is taken down fails its test twice.
    onTestFinished(() => {
      if (task.result?.state !== 'fail') answerFor(machine);
    });
    try {
      await use(machine);
      if (task.result?.state === 'fail') explainFailure(task.result.errors ?? [], machine);
    } finally {
      machine.powerOff();
    }
  },
  bootedMachines: [
    async ({ task, onTestFinished }, use) => {
      onTestFinished(() => {
        // Which of several tests at a time has booted a machine nobody can tell.
        if (task.concurrent === true) return;
        if (task.result?.state === 'fail') forgetBooted();
        else answerForBooted();
      });
      await use(undefined);
    },
    { auto: true },
  ],
});
