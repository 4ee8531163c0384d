/** When an armed interrupt comes that nobody's code keeps waiting: before a timer or behind it, and which of several. */
import { expect, test } from 'vitest';
import { boot, explore, ExplorationFailure, type ExploreOptions, type Machine, replay } from 'ringzero';

const WAITS = `import { complete, DECLARE_COMPLETION, wait_for_completion_timeout } from 'ringzero/linux/completion';
import { free_irq, IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { pr_info } from 'ringzero/linux/printk';
import { WARN_ON } from 'ringzero/linux/bug';
const done = DECLARE_COMPLETION('done');
module_init(() => {
  const err = request_irq(5, () => { pr_info('came\\n'); complete(done); return IRQ_HANDLED; }, 0, 'waits', done);
  let rounds = 0;
  while (wait_for_completion_timeout(done, 1) === 0 && rounds < ROUNDS) rounds++;
  pr_info('rounds %d\\n', rounds);
  WARN_ON(rounds > MOST);
  return err;
});
module_exit(() => { free_irq(5, done); });
MODULE_LICENSE('GPL');
`;

const waits = (rounds: number, most: number) => (machine: Machine): string => {
  machine.arm(5);
  machine.insmod({ name: 'waits', source: WAITS.replace('ROUNDS', String(rounds)).replace('MOST', String(most)) });
  machine.rmmod('waits');
  return /rounds \d+/.exec(machine.dmesg())![0];
};

/** What the scenario ends with in some schedule. */
function endsOf(options: ExploreOptions, scenario: (machine: Machine) => string): { ends: string[]; claim: string } {
  const ends = new Set<string>();
  const { claim } = explore(options, (machine) => { ends.add(scenario(machine)); });
  return { ends: [...ends].sort(), claim };
}

test.each(['portfolio', 'exhaustive', 'delay', 'pct', 'random', 'urw'] as const)('%s tries what a timeout does, and what the interrupt', (strategy) => {
  expect(endsOf({ strategy, schedules: 2000 }, waits(1, 9)).ends).toEqual(['rounds 0', 'rounds 1']);
});

test('by virtual time alone it comes before any timer', () => {
  const machine = boot();
  expect(waits(1, 9)(machine)).toBe('rounds 0');
  machine.powerOff();
});

test('one timer before it counts as none, each further one as an interrupt', () => {
  const most = (interrupts: number): string => endsOf({ strategy: 'exhaustive', preemptions: 0, interrupts }, waits(9, 99)).ends.at(-1)!;
  expect([0, 1, 3].map(most)).toEqual(['rounds 1', 'rounds 2', 'rounds 4']);
});

test('a failing schedule says so, is repeated by its token, and passes where the interrupt is sooner', () => {
  let failure: ExplorationFailure | null = null;
  const scenario = (machine: Machine): void => { waits(1, 0)(machine); };
  try {
    explore({ strategy: 'exhaustive' }, scenario);
  } catch (error) {
    if (!(error instanceof ExplorationFailure)) throw error;
    failure = error;
  }
  expect(failure?.message).toContain('\n  -->  while all CPUs are idle the next timer comes before the armed interrupt\n');
  expect(failure?.message).toContain('\npasses if the interrupt comes before the timer\n');
  expect(() => { replay(failure!.token, scenario); }).toThrow(/WARNING/);
});

test('kinds without irq leave it where it is', () => {
  expect(endsOf({ strategy: 'exhaustive', kinds: ['cpu', 'timer'], schedules: 500 }, (machine) => {
    machine.insmod({ name: 'two', source: TWO.replace('REQUEST', '') });
    return waits(1, 9)(machine);
  }).ends).toEqual(['rounds 0']);
});

test('an advance() may be over before it comes, and what the host waits for is no timer', () => {
  const came = (machine: Machine): string => {
    machine.arm(5);
    machine.insmod({ name: 'waits', source: WAITS.replace('wait_for_completion_timeout(done, 1) === 0 && rounds < ROUNDS', 'false').replace('MOST', '9') });
    machine.advance(1_000_000);
    const inTime = machine.log().includes('came');
    machine.rmmod('waits');
    return String(inTime);
  };
  expect(endsOf({ strategy: 'exhaustive', preemptions: 0, interrupts: 0 }, came).ends).toEqual(['false', 'true']);
  // Only the interrupt ends this wait: to be late would be to never come.
  expect(endsOf({ strategy: 'exhaustive' }, (machine) => {
    machine.arm(5);
    machine.insmod({ name: 'waits', source: WAITS.replace('wait_for_completion_timeout(done, 1) === 0', 'wait_for_completion_timeout(done, 0x7fffffff) === 0').replace('ROUNDS', '0').replace('MOST', '9') });
    machine.rmmod('waits');
    return 'came';
  }).ends).toEqual(['came']);
});

const TWO = `import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { free_irq, IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { kthread_run } from 'ringzero/linux/kthread';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { pr_info } from 'ringzero/linux/printk';
const done = DECLARE_COMPLETION('two');
let order = '';
module_init(() => {
  for (const irq of [6, 7]) request_irq(irq, () => { order += irq; complete(done); return IRQ_HANDLED; }, 0, 'two', done);
  kthread_run(() => 0, null, 'other');
  REQUEST
  pr_info('order %s\\n', order);
  return 0;
});
module_exit(() => { for (const irq of [6, 7]) free_irq(irq, done); });
MODULE_LICENSE('GPL');
`;

test('of two that may come while all CPUs are idle either is first', () => {
  expect(endsOf({ strategy: 'exhaustive', interrupts: 0, preemptions: 0 }, (machine) => {
    machine.arm(6);
    machine.arm(7);
    machine.insmod({ name: 'two', source: TWO.replace('REQUEST', 'wait_for_completion(done);\n  wait_for_completion(done);') });
    machine.rmmod('two');
    return /order \d+/.exec(machine.dmesg())![0];
  }).ends).toEqual(['order 67', 'order 76']);
});
