/** A fresh machine for every test, switched off afterwards. */
import { test as base } from 'vitest';
import { boot as bootMachine, type Machine } from '../machine/machine.js';
import type { BootOptions } from '../machine/options.js';
import { explainFailure } from './failure.js';

interface Fixtures {
  /** What the test's machine is booted with: `test.override({ boot: { cpus: 1 } })`, for a file or a describe(). */
  boot: BootOptions;
  /** Booted when a test first asks for it. A test that fails says what the machine printed, and how to replay it. */
  machine: Machine;
}

export const test = base.extend<Fixtures>({
  boot: {},
  machine: async ({ boot, task }, use) => {
    const machine = bootMachine(boot);
    try {
      await use(machine);
      if (task.result?.state === 'fail') explainFailure(task.result.errors ?? [], machine);
    } finally {
      machine.powerOff();
    }
  },
});
