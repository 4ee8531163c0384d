/** Which kinds of choice are explored, and what is kept of a failure. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { choose, explore, ExplorationFailure, type ExploredKind, type ExploreOptions, type Machine, replay } from 'ringzero';
import { jiffies } from 'ringzero/linux/jiffies';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { add_timer, timer_setup, timer_list, type timer_ptr } from 'ringzero/linux/timer';

const DRIVER = `
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { free_irq, IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { kthread_run } from 'ringzero/linux/kthread';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
const done = DECLARE_COMPLETION('done');
let n = 0;
function thread(): number { n++; complete(done); return 0; }
module_init(() => {
  kthread_run(thread, null, 'a');
  const ret = request_irq(5, () => { n++; return IRQ_HANDLED; }, 0, 'driver', done);
  wait_for_completion(done);
  return ret;
});
module_exit(() => { free_irq(5, done); });
MODULE_LICENSE('GPL');
`;

function driver(machine: Machine): void {
  machine.arm(5);
  choose(2);
  machine.insmod({ name: 'driver', source: DRIVER });
  machine.rmmod('driver');
}

function decisionsOf(kinds: readonly ExploredKind[] | undefined): { readonly schedules: number; readonly left: number } {
  return explore({ strategy: 'exhaustive', preemptions: 1, faults: 1, schedules: 5000, keep: false, ...(kinds === undefined ? {} : { kinds }) }, (machine) => {
    try {
      driver(machine);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOMEM') throw error;
    }
  });
}

afterEach(() => { vi.unstubAllEnvs(); });

describe('kinds', () => {
  test('each alone is fewer than all, and none is nothing', () => {
    const all = decisionsOf(undefined);
    expect(all.left).toBe(0);
    const alone = (['cpu', 'irq', 'device'] as const).map((kind) => decisionsOf([kind]).schedules);
    for (const schedules of alone) {
      expect(schedules).toBeGreaterThan(1);
      expect(schedules).toBeLessThan(all.schedules);
    }
    // Only choose() is left.
    expect(alone[2]).toBe(2);
    expect(explore({ strategy: 'exhaustive', kinds: ['device'] }, driver).claim).toBe('every schedule with at most 2 preemptions and 1 interrupt (2) passes; cpu and irq choices took their usual course, no allocation failed');
    expect(() => decisionsOf(['timer'])).toThrow(/nothing could interleave/);
  });

  test('interrupts alone are explored by every strategy', () => {
    const scenario = (machine: Machine): void => {
      machine.arm(5);
      machine.insmod({ name: 'driver', source: DRIVER });
      machine.rmmod('driver');
    };
    for (const strategy of ['exhaustive', 'random', 'pct', 'urw'] as const) expect(explore({ strategy, kinds: ['irq'], schedules: 200 }, scenario).distinct).toBeGreaterThan(3);
  });

  test.each<[string, ExploreOptions['kinds']]>([['no kind', []], ['an unknown one', ['cpus' as ExploredKind]]])('%s is refused', (_, kinds) => {
    expect(() => explore({ kinds: kinds! }, () => { choose(2); })).toThrow(/explore\(\): kinds must/);
  });

  test('the environment has the last word', () => {
    vi.stubEnv('RINGZERO_EXPLORE_KINDS', 'irq, device');
    expect(decisionsOf(['device']).schedules).toBeGreaterThan(2);
    vi.stubEnv('RINGZERO_EXPLORE_KINDS', 'irqs');
    expect(() => decisionsOf(undefined)).toThrow(`RINGZERO_EXPLORE_KINDS must be of cpu, irq, alloc, device, timer, settle, got "irqs" (did you mean irq?)`);
  });
});

describe('timers of one tick', () => {
  const orders = new Set<string>();
  const scenario = (machine: Machine): void => {
    const order: string[] = [];
    machine.run(() => {
      for (const name of ['a', 'b', 'c']) {
        const timer = kmalloc(timer_list.size, GFP_KERNEL) as timer_ptr;
        timer_setup(timer, () => { order.push(name); kfree(timer); }, 0);
        timer_list.at(timer).expires = jiffies + 2;
        add_timer(timer);
      }
    });
    machine.advance(50_000_000);
    orders.add(order.join(''));
    if (order.join('') === 'cab') throw new Error('c came first, and a before b');
  };

  test('run in every order, and a failure names it', () => {
    orders.clear();
    let failure: ExplorationFailure | null = null;
    try {
      explore({ strategy: 'exhaustive' }, scenario);
    } catch (error) {
      if (!(error instanceof ExplorationFailure)) throw error;
      failure = error;
    }
    expect(failure?.message).toContain('timer 3 of this tick comes first');
    expect(() => { replay(failure!.token, scenario); }).toThrow('c came first');
  });

  test('keep their usual order where it is not explored', () => {
    orders.clear();
    explore({ kinds: ['device'] }, (machine) => { choose(2); scenario(machine); });
    expect([...orders]).toEqual(['abc']);
  });
});

describe('a failing schedule', () => {
  let home: string;
  let folder: string;
  let broken = true;
  const scenario = (): void => { if (choose(50) === 40 && broken) throw new Error('forty'); };
  const failure = (options: ExploreOptions): ExplorationFailure | null => {
    try {
      explore(options, scenario);
      return null;
    } catch (error) {
      if (error instanceof ExplorationFailure) return error;
      throw error;
    }
  };
  const files = (): string[] => readdirSync('.ringzero/failures');

  beforeEach(() => {
    vi.stubEnv('RINGZERO_EXPLORE_KEEP', undefined);
    home = process.cwd();
    folder = mkdtempSync(join(tmpdir(), 'ringzero-'));
    process.chdir(folder);
    broken = true;
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  test('is kept under the name of its test, tried first, and forgotten once it passes', () => {
    expect(failure({ strategy: 'exhaustive' })?.found).toBe(41);
    expect(files()).toEqual([expect.stringMatching(/once-it-passes-[\da-f]+-[\da-f]{8}\.json$/)]);
    expect(failure({ strategy: 'exhaustive' })?.message).toContain('the schedule that failed the last time fails again');
    broken = false;
    expect(failure({ strategy: 'exhaustive' })).toBeNull();
    expect(files()).toEqual([]);
  });

  test('is kept under a name of its own, or not at all', () => {
    failure({ keep: 'mine' });
    expect(files()[0]).toMatch(/^mine-/);
    expect(failure({ keep: 'another' })?.found).toBeGreaterThan(0);
    expect(failure({ keep: 'mine' })?.found).toBe(0);
    rmSync('.ringzero', { recursive: true });
    failure({ keep: false });
    expect(() => files()).toThrow('ENOENT');
    expect(() => failure({ keep: '' })).toThrow(/keep must be/);
  });

  test.each([['not JSON', '{'], ['another version', '{"version":7}'], ['no schedule', '{"version":2,"name":"mine","token":"rz2.","decisions":[1]}']])('in a file that is damaged (%s) is not passed over', (_, text) => {
    failure({ keep: 'mine' });
    writeFileSync(join('.ringzero/failures', files()[0]!), text);
    expect(() => failure({ keep: 'mine' })).toThrow(/the failing schedule that was kept in .*mine-.* cannot be read .*remove the file/);
  });

  test('that cannot be kept is reported all the same', () => {
    writeFileSync('.ringzero', 'in the way');
    vi.stubEnv('RINGZERO_EXPLORE_KEEP', 'false');
    expect(failure({})?.message).not.toContain('could not be kept');
    vi.stubEnv('RINGZERO_EXPLORE_KEEP', undefined);
    expect(() => failure({ keep: 'mine' })).toThrow(/ENOTDIR/);
  });
});

test('contexts and lock states are counted, and what is left estimated', () => {
  const whole = explore({ strategy: 'exhaustive', preemptions: 2 }, driver);
  expect(whole.estimate).toBe(0);
  expect(whole.contexts).toBeGreaterThan(5);
  expect(whole.lockStates).toBeGreaterThan(0);
  const part = explore({ strategy: 'exhaustive', preemptions: 2, schedules: 20 }, driver);
  const guess = part.schedules + part.estimate!;
  expect(guess).toBeGreaterThan(whole.schedules / 2);
  expect(guess).toBeLessThan(whole.schedules * 2);
  expect(explore({ strategy: 'random', schedules: 20 }, driver).estimate).toBeNull();
});
