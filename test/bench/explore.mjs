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

function measure(name, options, scenario) {
  for (const schedules of [2000, 20000]) {
    const begin = process.hrtime.bigint();
    let ran = schedules;
    try {
      ran = explore({ ...options, schedules }, scenario).schedules;
    } catch (error) {
      if (!(error instanceof ExplorationFailure)) throw error;
      ran = error.found;
    }
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
    if (schedules > 2000) console.log(`${name.padEnd(52)} ${String(ran).padStart(6)} schedules, ${Math.round(ran / seconds)} a second`);
  }
}

const tasks = (machine) => {
  machine.insmod({ name: 'tasks', source: TASKS });
};
measure('(a) two tasks x 10 points, at most 2 preemptions', { strategy: 'exhaustive', preemptions: 2 }, tasks);
measure('(a) two tasks x 10 points, random', { strategy: 'random' }, tasks);
measure('(a) two tasks x 10 points, pct', { strategy: 'pct' }, tasks);
