/** A statement that reads and writes is two steps at least: what it loses when somebody comes in between is found. */
import { describe, expect, test } from 'vitest';
import { explore, type Machine } from '../../runtime/index.js';
import { loadTestFile } from './common/test_file.js';

const HEAD = `
let n = 0;
const o = { n: 0, deep: { n: 0 } };
const a = [0, 1];
const m = new Map([['n', 0]]);
const level = module_param('level', int, 0, 0);
const key = () => 'n';
const same = (v) => v;
class Counter { #n = 0; add() { this.#n++; } get value() { return this.#n; } }
const counter = new Counter();
`;

/** Two threads each run the statement once; `expected` is what two in a row come to. */
const UPDATES: readonly (readonly [statement: string, value: string])[] = [
  ['n++', 'n'], ['++n', 'n'], ['n += 1', 'n'], ['n = n + 1', 'n'], ['n = same(n) + 1', 'n'], ['n = Math.max(n, n + 1)', 'n'],
  ['n = n > 5 ? 0 : n + 1', 'n'], ['const was = n++', 'n'], ['let was; was = n, n = was + 1', 'n'], ['if (n++ > 5) n = 0', 'n'],
  ['for (let i = n++; i < 0;);', 'n'], ['a[0]++', 'a[0]'], ['a[a[1] - 1]++', 'a[0]'], ['o.n++', 'o.n'], ['o.n += 1', 'o.n'],
  ['o[key()]++', 'o.n'], ['o.deep.n = o.deep.n + 1', 'o.deep.n'], ['level.value++', 'level.value'], ['level.value += 1', 'level.value'],
  ['m.set("n", m.get("n") + 1)', 'm.get("n")'], ['[n] = [n + 1]', 'n'], ['({ n } = { n: n + 1 })', 'n'], ['counter.add()', 'counter.value'],
];

const IMPORTS = `
import { BUG_ON } from 'ringzero/linux/bug';
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { kthread_run } from 'ringzero/linux/kthread';
import { free_irq, IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { int, module_exit, module_init, MODULE_LICENSE, module_param } from 'ringzero/linux/module';
import { DEFINE_SPINLOCK, spin_lock, spin_lock_irqsave, spin_unlock, spin_unlock_irqrestore } from 'ringzero/linux/spinlock';`;

const threads = (statement: string, value: string, locked: boolean): string => `${HEAD}
const lock = DEFINE_SPINLOCK('lock');
const done = DECLARE_COMPLETION('done');
function work() {
  ${locked ? 'spin_lock(lock);' : ''}
  ${statement};
  ${locked ? 'spin_unlock(lock);' : ''}
  complete(done);
  return 0;
}
module_init(() => {
  kthread_run(work, null, 'a');
  kthread_run(work, null, 'b');
  wait_for_completion(done);
  wait_for_completion(done);
  BUG_ON(${value} !== 2);
  return 0;
});
module_exit(() => undefined);
MODULE_LICENSE('GPL');
`;

const found = (scenario: (machine: Machine) => void, reduce = true): boolean => {
  try {
    explore({ strategy: 'exhaustive', preemptions: 1, schedules: 100_000, keep: false, reduce }, scenario);
    return false;
  } catch (error) {
    expect(String(error)).toContain('kernel BUG');
    return true;
  }
};

describe('two threads, an update each', () => {
  test.each(UPDATES)('%s', (statement, value) => {
    const module = (locked: boolean) => (machine: Machine): void => { machine.insmod({ name: 'update', source: `${IMPORTS}${threads(statement, value, locked)}` }); };
    expect(found(module(false))).toBe(true);
    expect(found(module(true))).toBe(false);
    const { scenario } = loadTestFile('/project/update.test.ts', `${IMPORTS}\nexport const scenario = (machine) => { machine.insmod({ name: 'update', body: () => {\n${threads(statement, value, false)}\n} }); };`);
    expect(found(scenario as (machine: Machine) => void)).toBe(true);
  });
});

test('an interrupt comes between reading and writing', () => {
  const driver = (locked: boolean): string => `${IMPORTS}
const lock = DEFINE_SPINLOCK('lock');
let count = 0;
let came = 0;
function interrupt() { count++; came = 1; return IRQ_HANDLED; }
module_init(() => {
  const err = request_irq(5, interrupt, 0, 'driver', lock);
  ${locked ? 'const flags = spin_lock_irqsave(lock);' : ''}
  count++;
  ${locked ? 'spin_unlock_irqrestore(lock, flags);' : ''}
  return err;
});
module_exit(() => {
  free_irq(5, lock);
  BUG_ON(count !== 1 + came);
});
MODULE_LICENSE('GPL');
`;
  const armed = (locked: boolean) => (machine: Machine): void => {
    machine.arm(5);
    machine.insmod({ name: 'driver', source: driver(locked) });
    machine.rmmod('driver');
  };
  expect(found(armed(false))).toBe(true);
  expect(found(armed(true))).toBe(false);
});
