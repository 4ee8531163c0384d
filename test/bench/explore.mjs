// Schedules a second: two tasks of ten points on a shared word, a lost update, a driver with an interrupt.
import { explore, ExplorationFailure } from '../../dist/runtime/index.js';

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

function measure(name, options, scenario) {
  // The first round is for the compiler. A small space is explored again and again.
  for (const schedules of [2000, 20000]) {
    const begin = process.hrtime.bigint();
    let ran = 0;
    while (ran < schedules) {
      try {
        ran += explore({ ...options, schedules: schedules - ran }, scenario).schedules;
      } catch (error) {
        if (!(error instanceof ExplorationFailure)) throw error;
        ran += error.found;
      }
    }
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
    if (schedules > 2000) console.log(`${name.padEnd(44)} ${String(Math.round(ran / seconds)).padStart(7)} schedules a second`);
  }
}

const SCENARIOS = {
  '(a) two tasks x 10 points': (machine) => {
    machine.insmod({ name: 'tasks', source: TASKS });
  },
  '(b) an update of two tasks': (machine) => {
    machine.insmod({ name: 'update', source: UPDATE });
  },
  '(c) one interrupt, one reader': (machine) => {
    machine.arm(5);
    machine.insmod({ name: 'driver', source: DRIVER });
    machine.rmmod('driver');
  },
};

for (const [name, scenario] of Object.entries(SCENARIOS)) {
  for (const strategy of ['exhaustive', 'delay', 'pct', 'random', 'urw', 'portfolio']) measure(`${name}, ${strategy}`, { strategy }, scenario);
}
