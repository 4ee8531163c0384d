// What the benchmarks of exploration run: two tasks of ten points on a shared word, in a test and in a module; a lost update;
// a driver with an interrupt.
import { loadTestFile } from './test_file.mjs';

const TEST = `
import { kthread_run } from 'ringzero/linux/kthread';
export const run = (machine) => {
  let x = 0;
  const work = () => {
    x++; x++; x++; x++; x++; x++; x++; x++; x++; x++;
    return 0;
  };
  machine.run(() => {
    kthread_run(work, null, 'a');
    kthread_run(work, null, 'b');
  });
  machine.settle();
};
export const idle = (machine) => {
  machine.run(() => 0);
  machine.settle();
};
`;

const TASKS = `
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { kthread_run } from 'ringzero/linux/kthread';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
let x = 0;
const done = DECLARE_COMPLETION('done');
function work(): number {
  x++; x++; x++; x++; x++; x++; x++; x++; x++;
  complete(done);
  return 0;
}
module_init(() => {
  kthread_run(work, null, 'a');
  kthread_run(work, null, 'b');
  wait_for_completion(done);
  wait_for_completion(done);
  return 0;
});
module_exit(() => undefined);
MODULE_LICENSE('GPL');
`;

const UPDATE = TASKS.replace(/x\+\+;( x\+\+;)+/, 'const seen = x; x = seen + 1;');

const DRIVER = `
import { free_irq, IRQ_HANDLED, type irqreturn_t, request_irq } from 'ringzero/linux/interrupt';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { DEFINE_SPINLOCK, spin_lock, spin_lock_irqsave, spin_unlock, spin_unlock_irqrestore } from 'ringzero/linux/spinlock';
const lock = DEFINE_SPINLOCK('lock');
let count = 0;
let seen = 0;
function interrupt(): irqreturn_t {
  spin_lock(lock);
  count++;
  spin_unlock(lock);
  return IRQ_HANDLED;
}
module_init(() => {
  const err = request_irq(5, interrupt, 0, 'driver', lock);
  const flags = spin_lock_irqsave(lock);
  seen = count;
  spin_unlock_irqrestore(lock, flags);
  return err;
});
module_exit(() => { free_irq(5, lock); });
MODULE_LICENSE('GPL');
`;

/** `idle` is the same without what it is about. */
const ofTest = (text, source) => ({ text, ...loadTestFile('/bench/tasks.test.ts', source) });

/** There the module has an init function that does nothing. */
const ofModule = (text, name, source, scenario) => {
  const idle = source.replace(/module_init\(\(\) => \{\n[^]*?\n\}\);/, 'module_init(() => 0);').replace(/module_exit\(\(\) => \{.*\}\);/, 'module_exit(() => undefined);');
  return { text, source, run: (machine) => scenario(machine, { name, source }), idle: (machine) => scenario(machine, { name, source: idle }) };
};

const insmod = (machine, module) => {
  machine.insmod(module);
};

export const SCENARIOS = [
  ofTest('(a) two tasks x 10 points', TEST),
  ofModule("(a') the same as a module, which waits for them", 'tasks', TASKS, insmod),
  ofModule('(b) a module: a lost update of two tasks', 'update', UPDATE, insmod),
  ofModule('(c) a module: one interrupt, one reader', 'driver', DRIVER, (machine, module) => {
    machine.arm(5);
    machine.insmod(module);
    machine.rmmod('driver');
  }),
];

/** As a module: what workers explore. */
export const TASKS_MODULE = SCENARIOS[1];
