/** Known kernel bugs, each with its fix: the exploration finds the one and passes the other within the same bounds. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { explore, ExplorationFailure, type ExploreOptions, KernelError, type Machine, replay } from 'ringzero';

interface Bug {
  /** What the report starts with, as a regular expression. */
  readonly headline: string;
  /** The line that is armed. */
  readonly irq?: number;
  /** Allocations that may fail. */
  readonly faults?: number;
}

const bugs = JSON.parse(readFileSync(new URL('known_bugs.json', import.meta.url), 'utf8')) as Readonly<Record<string, Bug>>;

/** As table.mjs has it. */
function scenario(name: string, { irq, faults = 0 }: Bug, fixed: boolean): (machine: Machine) => void {
  return (machine) => {
    if (irq !== undefined) machine.arm(irq);
    try {
      machine.insmod(`test/explore/bugs/${name}.ts`, { fixed });
      machine.rmmod(name);
    } catch (error) {
      if (!(error instanceof KernelError && faults > 0)) throw error;
    }
    machine.settle();
    const [left] = machine.leftovers();
    if (left !== undefined) throw new Error(`left behind: ${left.text}`);
  };
}

function find(options: ExploreOptions, run: (machine: Machine) => void): ExplorationFailure {
  try {
    const { claim } = explore(options, run);
    throw new Error(`not found: ${claim}`);
  } catch (error) {
    if (error instanceof ExplorationFailure) return error;
    throw error;
  }
}

describe.each(Object.entries(bugs))('%s', (name, bug) => {
  const faults = bug.faults ?? 0;
  const headline = new RegExp(bug.headline);

  test('is found, drawn, and replayed', () => {
    const run = scenario(name, bug, false);
    const failure = find({ faults }, run);
    expect(failure.headline).toMatch(headline);
    expect(failure.message).toContain('CPU 0');
    expect(failure.message).toContain(`${name}.ts:`);
    expect(() => { replay(failure.token, run); }).toThrow((failure.cause as Error).message.split('\n')[0]);
  });

  test.each(['exhaustive', 'delay', 'random', 'pct', 'urw'] as const)('is found by %s', (strategy) => {
    expect(find({ strategy, faults }, scenario(name, bug, false)).headline).toMatch(headline);
  });

  // table.mjs has it survive 10,000.
  test('its fix survives', () => {
    const { schedules, exhausted, claim } = explore({ schedules: 500, faults }, scenario(name, bug, true));
    expect(exhausted || schedules === 500, claim).toBe(true);
  });
});
