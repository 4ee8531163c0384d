/** Classic kernel bugs, each with its fix: the exploration finds the one and passes the other within the same bounds. */
import { describe, expect, test } from 'vitest';
import { explore, ExplorationFailure, type ExploreOptions, type Machine, replay } from 'ringzero';

const bugs: Readonly<Record<string, { readonly headline: RegExp; readonly irq?: number }>> = {
  lost_update: { headline: /kernel BUG at/ },
  abba: { headline: /lockup suspected/ },
  missed_irqsave: { headline: /spinlock|lockup/, irq: 5 },
  check_then_act: { headline: /blocked for more than/, irq: 5 },
};

function scenario(name: string, fixed: boolean, irq: number | undefined): (machine: Machine) => void {
  return (machine) => {
    if (irq !== undefined) machine.arm(irq);
    machine.insmod(`test/explore/bugs/${name}.ts`, { fixed });
    machine.rmmod(name);
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

describe.each(Object.entries(bugs))('%s', (name, { headline, irq }) => {
  test('is found by exhaustive search, drawn, and replayed', () => {
    const run = scenario(name, false, irq);
    const failure = find({}, run);
    expect(failure.message).toMatch(headline);
    expect(failure.message).toContain('CPU 0');
    expect(failure.message).toContain(`${name}.ts:`);
    expect(() => { replay(failure.token, run); }).toThrow(headline);
  });

  test.each(['random', 'pct'] as const)('is found by %s', (strategy) => {
    expect(find({ strategy }, scenario(name, false, irq)).message).toMatch(headline);
  });

  test('its fix passes every schedule within the bounds', () => {
    const { exhausted, claim } = explore({ preemptions: 1, schedules: 20_000 }, scenario(name, true, irq));
    expect(exhausted, claim).toBe(true);
    expect(claim).toMatch(/^every schedule with at most 1 preemption and 1 interrupt \(\d+\) passes$/);
  });
});
