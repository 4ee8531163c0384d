/**
 * `ringzero/vitest`: vitest's `test` with a machine, and matchers that speak of what the kernel said.
 *
 *     import { expect, test } from 'ringzero/vitest';
 *
 *     test.override({ boot: { cpus: 1 } });
 *
 *     test('the handler may not sleep', ({ machine }) => {
 *       machine.insmod('modules/serial.ts');
 *       expect(() => machine.raise(4)).not.toPanic();
 *       machine.rmmod('serial');
 *       expect(machine).toBeClean();
 *     });
 */
import { expect } from 'vitest';
import { matchers } from './matchers.js';

// Named here so that the declarations bring the matchers' types along.
export type { KernelMatchers } from './matchers.js';
export { failEach, FailEachError, type FailEachFault, type FailEachOptions, type FailEachRun } from './fail_each.js';
export type { Pattern } from '../machine/pattern.js';
export { test } from './fixture.js';
export { expect };

expect.extend(matchers);
