import { afterEach, describe, expect, test, vi } from 'vitest';
import { assert_sometimes, choose, type Exploration, explore, ExplorationFailure, type ExploreOptions, type Machine, MachineError } from 'ringzero';
import { deal, owns, parseShare, portion, type Share } from '../../runtime/explore/share.js';

/** Two threads on a shared word, and an interrupt. */
const SOURCE = `
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { free_irq, IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { kthread_run } from 'ringzero/linux/kthread';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
const done = DECLARE_COMPLETION('done');
let x = 0;
function work(): number {
  x++;
  x++;
  complete(done);
  return 0;
}
module_init(() => {
  const err = request_irq(5, () => { x++; return IRQ_HANDLED; }, 0, 'two', done);
  kthread_run(work, null, 'a');
  wait_for_completion(done);
  return err;
});
module_exit(() => { free_irq(5, done); });
MODULE_LICENSE('GPL');
`;

function scenario(machine: Machine): void {
  machine.arm(5);
  machine.insmod({ name: 'two', source: SOURCE });
  machine.rmmod('two');
}

interface Ran extends Exploration {
  /** The replay token of each schedule that was run. */
  readonly tokens: readonly string[];
}

/** Most of it is in what follows a few free choices. */
function choices(machine: Machine): void {
  machine.run(() => { for (let i = 0; i < 5; i++) choose(2); });
  scenario(machine);
}

function run(options: ExploreOptions, what = scenario): Ran {
  const tokens: string[] = [];
  const result = explore(options, (machine) => {
    what(machine);
    tokens.push(machine.token());
  });
  return { ...result, tokens };
}

function shards(of: number, options: ExploreOptions, what = scenario): Ran[] {
  return Array.from({ length: of }, (_, i) => run({ ...options, shard: `${i + 1}/${of}` }, what));
}

const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);
const sorted = (all: readonly string[]): string[] => [...all].sort();

describe('shares', () => {
  test.each([[1, 2], [2, 2], [1, 7]])('%i of %i, dealt again among workers, are the same schedules', (i, n) => {
    const share = parseShare('x', `${i}/${n}`);
    const workers = [0, 1, 2].map((worker) => deal(share, worker, 3));
    for (let ordinal = 0; ordinal < 100; ordinal++) {
      const decisions = [{ ordinal, way: 1 }, { ordinal: 2 * ordinal + 3, way: 2 }];
      expect(workers.filter((part) => owns(part, decisions))).toHaveLength(owns(share, decisions) ? 1 : 0);
    }
    expect(workers.filter((part) => owns(part, []))).toHaveLength(i === 1 ? 1 : 0);
  });

  test('a number is dealt to the last one', () => {
    for (const n of [0, 1, 5, 12, 100]) {
      const portions = Array.from({ length: 5 }, (_, index) => portion({ index, of: 5 }, n));
      expect(sum(portions)).toBe(n);
      expect(Math.max(...portions) - Math.min(...portions)).toBeLessThanOrEqual(1);
    }
  });

  test.each(['', '1', '0/2', '3/2', '1/0', '-1/2', '1.5/2', ' 1/2', '1/2/3', '1/99999'])('%j is none', (shard) => {
    expect(() => explore({ shard }, scenario)).toThrow(MachineError);
  });

  test.each(['1/1', '65536/65536'])('%j is one', (text) => {
    const share: Share = parseShare('x', text);
    expect(`${share.index + 1}/${share.of}`).toBe(text);
  });
});

describe.each([
  ['exhaustive', 'interrupts', scenario, 1 + 1],
  ['delay', 'interrupts', scenario, 1],
  // Without a decision, with one of the choices, and with two of them.
  ['exhaustive', 'free choices', choices, 1 + 5 + 10 + 10],
  ['delay', 'delays for choices', choices, 1],
] as const)('%s, %s', (strategy, _, what, most) => {
  const options = { strategy, preemptions: 1, delays: 2, schedules: 1e6, reduce: false } as const;
  const whole = run(options, what);

  test.each([2, 3, 5])('%i shares are the whole, and no schedule is in two', (of) => {
    const parts = shards(of, options, what);
    const runs = new Map<string, number>();
    for (const { tokens } of parts) {
      expect(new Set(tokens).size).toBe(tokens.length);
      for (const token of tokens) runs.set(token, (runs.get(token) ?? 0) + 1);
    }
    expect(sorted([...runs.keys()])).toEqual(sorted(whole.tokens));
    // A few are run by all, for their questions: without a decision, or with two at most that are free.
    const common = [...runs].filter(([, times]) => times > 1);
    expect(common.every(([, times]) => times === of)).toBe(true);
    expect(common.length).toBeLessThanOrEqual(most);
    // One counts them.
    for (const count of ['schedules', 'distinct', 'steps'] as const) expect(sum(parts.map((part) => part[count]))).toBe(whole[count]);
    expect(parts.every(({ exhausted, left }) => exhausted && left === 0)).toBe(true);
  });

  test('what is left of a share is its own', () => {
    for (const schedules of [2, 8, 40]) {
      const parts = shards(2, { ...options, schedules }, what);
      expect(sum(parts.map((part) => part.schedules + part.left))).toBeLessThanOrEqual(whole.schedules);
      expect(parts.map(({ schedules: ran, exhausted }) => [ran, exhausted])).toEqual([[schedules / 2, false], [schedules / 2, false]]);
    }
  });

  test.each([2, 3, 5])('%i shares estimate together what one alone does', (of) => {
    const guess = (parts: readonly Exploration[]): number => sum(parts.map(({ schedules, estimate }) => schedules + estimate!));
    // What the first schedule leads to is dealt; a share that does not own it has run one of its own by then, and knows what that was asked.
    const all = { ...options, reduce: false };
    for (const [schedules, factor] of [[of, 1.1], [4 * of, 1.5], [12 * of, 1.5]] as const) {
      const alone = guess([run({ ...all, schedules: schedules === of ? 1 : schedules }, what)]);
      const together = guess(shards(of, { ...all, schedules }, what));
      expect(together).toBeGreaterThan(alone / factor);
      expect(together).toBeLessThan(alone * factor);
    }
    expect(guess(shards(of, all, what))).toBe(run(all, what).schedules);
  });

  test('two shares are of a size', () => {
    const [a, b] = shards(2, options, what).map(({ schedules }) => schedules) as [number, number];
    expect(Math.abs(a - b)).toBeLessThan(whole.schedules / 5);
  });
});

/** Shares of a search that is reduced by its states, and that search. */
function reducedByStates(of: number): { readonly missing: readonly string[]; readonly dealt: number; readonly ran: number } {
  const options = { strategy: 'exhaustive', schedules: 1e6 } as const;
  const whole = run(options);
  const parts = shards(of, options);
  const dealt = new Set(parts.flatMap(({ tokens }) => tokens));
  return { missing: whole.tokens.filter((token) => !dealt.has(token)), dealt: dealt.size, ran: sum(parts.map(({ schedules }) => schedules)) };
}

test.each([2, 3, 5])('no schedule is in two of %i shares of what is reduced by its states', (of) => {
  const { dealt, ran } = reducedByStates(of);
  expect(ran).toBe(dealt);
  expect(dealt).toBeLessThan(run({ strategy: 'exhaustive', schedules: 1e6, reduce: false }).schedules);
});

test.each([2, 3])('%i shares of what is reduced by its states leave out no schedule that the whole runs', (of) => {
  expect(reducedByStates(of).missing).toEqual([]);
});

// One is left out: its share has come to a state of it by a schedule that the whole leaves out, or dealing loses it; which is not known.
test.fails('5 shares of what is reduced by its states leave out no schedule that the whole runs', () => {
  expect(reducedByStates(5).missing).toEqual([]);
});

test('random draws are dealt one by one', () => {
  const options = { strategy: 'random', schedules: 61 } as const;
  const whole = run(options);
  const parts = shards(3, options);
  expect(sorted(parts.flatMap(({ tokens }, i) => (i === 0 ? tokens : tokens.slice(1))))).toEqual(sorted(whole.tokens));
  expect(parts.map(({ schedules }) => schedules)).toEqual([21, 20, 20]);
});

test.each(['pct', 'urw'] as const)('draws of %s, too, though they learn from the ones before', (strategy) => {
  const parts = shards(3, { strategy, schedules: 61 });
  expect(parts.map(({ schedules }) => schedules)).toEqual([21, 20, 20]);
  expect(parts[1]!.tokens).not.toEqual(parts[2]!.tokens);
});

test('the bounded half of a portfolio is dealt as it is alone', () => {
  // The bounds are not widened within so few schedules: every other one is the bounded search's.
  const bounded = (all: readonly string[]): string[] => all.filter((_, i) => i % 2 === 0);
  const options = { preemptions: 3, interrupts: 1, schedules: 240, reduce: false } as const;
  const parts = shards(3, { ...options });
  const dealt = parts.flatMap(({ tokens }, i) => bounded(tokens).slice(i === 0 ? 0 : 1));
  expect(new Set(dealt).size).toBe(dealt.length);
  const all = new Set(run({ ...options, strategy: 'exhaustive', schedules: 1e6 }).tokens);
  expect(dealt.filter((token) => !all.has(token))).toEqual([]);
});

test('a portfolio that comes to its end has run every schedule there is', () => {
  const few = (machine: Machine): void => {
    machine.run(() => { if (choose(3) === 1) choose(7); });
  };
  const whole = explore({ schedules: 1000 }, few);
  expect(whole.claim).toBe('every schedule there is (9) passes');
  const parts = [1, 2].map((i) => explore({ schedules: 1000, shard: `${i}/2` }, few));
  expect(parts.every(({ exhausted }) => exhausted)).toBe(true);
  expect(sum(parts.map(({ claim }) => Number(/^every schedule there is \((\d+)\) passes, as far as shard \d\/2 goes$/.exec(claim)?.[1])))).toBe(9);
});

describe('a shard', () => {
  test('says that it is one', () => {
    expect(run({ strategy: 'exhaustive', shard: '2/3' }).claim).toMatch(/^every schedule with at most 2 preemptions and 1 interrupt \(\d+, up to steps that commute\) passes(?:; .*)?, as far as shard 2\/3 goes and sees what commutes$/);
    expect(run({ strategy: 'exhaustive', schedules: 20, shard: '2/3' }).claim).toMatch(/ by estimate \d+(?:; .*)?, as far as shard 2\/3 goes and sees what commutes$/);
    expect(run({ strategy: 'exhaustive', reduce: false, shard: '2/3' }).claim).toMatch(/1 interrupt \(\d+\) passes(?:; .*)?, as far as shard 2\/3 goes$/);
    expect(run({ strategy: 'exhaustive', shard: '1/1' }).claim).not.toContain('shard');
  });

  test('finds what is in it, and numbers it from 1', () => {
    const found = [1, 2].map((i) => {
      try {
        explore({ strategy: 'exhaustive', shard: `${i}/2` }, () => { if (choose(8) === 6) throw new Error('six'); });
        return 0;
      } catch (error) {
        if (error instanceof ExplorationFailure) return error.found;
        throw error;
      }
    });
    // The ways 2, 4 and 6, after the usual one; the other shard has 1, 3, 5 and 7.
    expect(found.filter((number) => number > 0)).toHaveLength(1);
  });

  test('that fails without a decision fails in every shard, as the first', () => {
    for (const shard of ['1/2', '2/2']) {
      expect(() => explore({ shard }, () => { if (choose(2) === 0) throw new Error('at once'); })).toThrow(/^at once\n\nfound by schedule 1 /);
    }
  });

  test('does not ask for what another shard may come to', () => {
    const some = (machine: Machine): void => {
      machine.run(() => { assert_sometimes(choose(9) === 8, 'eight'); });
    };
    for (const shard of ['1/2', '2/2']) expect(() => explore({ strategy: 'exhaustive', shard }, some)).not.toThrow();
  });

  test('without a schedule has nothing to say', () => {
    expect(run({ strategy: 'random', schedules: 2, shard: '3/3' }).schedules).toBe(0);
  });

  afterEach(() => { vi.unstubAllEnvs(); });

  test('of the environment has the last word', () => {
    vi.stubEnv('RINGZERO_EXPLORE_SHARD', '2/2');
    expect(run({ strategy: 'exhaustive', shard: '1/2' }).claim).toContain('shard 2/2');
    vi.stubEnv('RINGZERO_EXPLORE_SHARD', '2');
    expect(() => run({})).toThrow("RINGZERO_EXPLORE_SHARD must be a part of the whole, as in 1/3, 2/3 and 3/3, got '2'");
  });
});
