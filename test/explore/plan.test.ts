import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { boot, KernelPanic } from 'ringzero';
import { scenarioOf } from '../../runtime/explore/plan.js';

const FIXTURE = fileURLToPath(new URL('../module/fixtures/stray_call.ts', import.meta.url));

test.each(['timer', 'hrtimer', 'rcu', 'work', 'delayed work', 'thread'])('the machine outlives its modules: a %s that was left behind is called', (where) => {
  const machine = boot({ cpus: 1, rules: { kmemleak: 'off' } });
  try {
    const scenario = scenarioOf({ modules: [{ path: FIXTURE, params: { where } }], arm: [], calls: [], words: '' }, false);
    try {
      scenario(machine);
    } catch (error) {
      // In an interrupt nothing is left to kill; a thread dies alone.
      if (!(error instanceof KernelPanic)) throw error;
    }
    expect(machine.headlines()[0]).toMatch(/^BUG: unable to handle page fault for address/);
  } finally {
    machine.powerOff();
  }
});
