// What the benchmarks of exploration run: two tasks of ten points on a shared word, a lost update, a driver with an interrupt.

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

/** `idle` is the same module with an init function that does nothing. */
const scenario = (text, name, source, run) => ({
  text,
  name,
  source,
  idle: source.replace(/module_init\(\(\) => \{\n[^]*?\n\}\);/, 'module_init(() => 0);').replace(/module_exit\(\(\) => \{.*\}\);/, 'module_exit(() => undefined);'),
  run,
});

export const SCENARIOS = [
  scenario('(a) two tasks x 10 points', 'tasks', TASKS, (machine, module) => {
    machine.insmod(module);
  }),
  scenario('(b) an update of two tasks', 'update', UPDATE, (machine, module) => {
    machine.insmod(module);
  }),
  scenario('(c) one interrupt, one reader', 'driver', DRIVER, (machine, module) => {
    machine.arm(5);
    machine.insmod(module);
    machine.rmmod('driver');
  }),
];
