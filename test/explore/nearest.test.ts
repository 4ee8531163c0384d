import { expect, test } from 'vitest';
import { choose, explore, ExplorationFailure, type ExploreOptions, KernelError, type Machine } from 'ringzero';

const UPDATE = `
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { kthread_run } from 'ringzero/linux/kthread';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
let x = 0;
const done = DECLARE_COMPLETION('done');
function work(): number {
  const seen = x;
  x = seen + 1;
  complete(done);
  return 0;
}
module_init(() => {
  kthread_run(work, null, 'a');
  kthread_run(work, null, 'b');
  wait_for_completion(done);
  wait_for_completion(done);
  return x === 2 ? 0 : -5;
});
module_exit(() => undefined);
MODULE_LICENSE('GPL');
`;

const READER = `
import { free_irq, IRQ_HANDLED, request_irq, type irqreturn_t } from 'ringzero/linux/interrupt';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
let low = 0;
let high = 0;
function tick(): irqreturn_t {
  low++;
  high++;
  return IRQ_HANDLED;
}
let torn = false;
module_init(() => {
  request_irq(5, tick, 0, 'tick', null);
  const first = low;
  const second = high;
  torn = first !== second;
  return torn ? -5 : 0;
});
module_exit(() => { free_irq(5, null); });
MODULE_LICENSE('GPL');
`;

/** Two allocations of which the first may fail, and then one that may not. */
const ALLOCATIONS = `
import { GFP_KERNEL } from 'ringzero/linux/gfp';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { kfree, kmalloc } from 'ringzero/linux/slab';
module_init(() => {
  const first = kmalloc(64, GFP_KERNEL);
  if (first === null) return -12;
  const second = kmalloc(64, GFP_KERNEL);
  kfree(first);
  if (second === null) return -5;
  kfree(second);
  return 0;
});
module_exit(() => undefined);
MODULE_LICENSE('GPL');
`;

function reportOf(scenario: (machine: Machine) => void, options: ExploreOptions = {}): string {
  try {
    explore(options, scenario);
  } catch (error) {
    if (error instanceof ExplorationFailure) return error.message;
    throw error;
  }
  throw new Error('nothing was found');
}

test('a lost update passes where the other CPU comes after the store', () => {
  const report = reportOf((machine) => { machine.insmod({ name: 'update', source: UPDATE }); });
  expect(report).toMatch(/^passes if the switch from CPU \d to CPU \d at update\.ts:9 comes 1 step later$/m);
});

test('a torn read passes where the interrupt comes outside of it', () => {
  const report = reportOf((machine) => {
    machine.arm(5);
    machine.insmod({ name: 'reader', source: READER });
    machine.rmmod('reader');
  });
  expect(report).toMatch(/^passes if irq 5 on CPU 0 at reader\.ts:15 comes 1 step later$/m);
});

/** As a scenario that knows of failing allocations: only -ENOMEM is fine. */
function load(machine: Machine, source: string): void {
  try {
    machine.insmod({ name: 'alloc', source });
  } catch (error) {
    if (!(error instanceof KernelError && error.code === 'ENOMEM')) throw error;
  }
}

test('an allocation that may not fail passes where another one fails', () => {
  const report = reportOf((machine) => { load(machine, ALLOCATIONS); }, { faults: 1, strategy: 'exhaustive' });
  expect(report).toMatch(/^passes if the allocation that fails is 1 earlier, at alloc\.ts:6 instead of at alloc\.ts:8$/m);
});

test('or where none fails', () => {
  const report = reportOf((machine) => { load(machine, ALLOCATIONS.replace('return -12', 'return -5')); }, { faults: 1, strategy: 'exhaustive' });
  expect(report).toMatch(/^passes if the allocation at alloc\.ts:[68] succeeds$/m);
});

test('a choice passes with the nearest other answer', () => {
  const report = reportOf((machine) => {
    machine.run(() => {
      choose(2);
      const way = choose(9);
      if (way >= 4 && way <= 6) throw new Error('between');
    });
  }, { strategy: 'random' });
  const [, other, way] = /^passes if choose\(\) number 2 is (\d) instead of (\d)$/m.exec(report)!;
  // Of two that are as near it is the later one.
  expect([way, other]).toEqual([way, { 4: '3', 5: '7', 6: '7' }[way!]]);
});

test('a choice whose nearest other answer is the usual one', () => {
  const report = reportOf((machine) => {
    machine.run(() => { if (choose(3) !== 0) throw new Error('not 0'); });
  });
  expect(report).toMatch(/^passes if choose\(\) number 1 is 0 instead of [12]$/m);
});

test('of many decisions one is enough', () => {
  const report = reportOf((machine) => {
    machine.run(() => {
      let ones = 0;
      for (let i = 0; i < 10; i++) ones += choose(2);
      if (ones === 10) throw new Error('ten');
    });
  });
  expect(report).toContain('with 10 unusual decisions after minimising');
  expect(report).toMatch(/^passes if choose\(\) number 10 is 0 instead of 1$/m);
});

test('nothing is said where no move helps', () => {
  const report = reportOf((machine) => { machine.run(() => { throw new Error(`at ${choose(2)}`); }); });
  expect(report).not.toMatch(/^passes if /m);
});
