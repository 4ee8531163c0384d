/** What an exploration keeps of the schedules that it has run. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { explore, type ExploreStrategy, type Machine } from 'ringzero';
import { Census } from '../../runtime/explore/census.js';
import { Explorer } from '../../runtime/explore/explore.js';
import { readOptions } from '../../runtime/explore/options.js';
import { QuestionLists } from '../../runtime/explore/question_lists.js';
import { loadStacks } from '../../runtime/native/index.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const SOURCE = `
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

const scenario = (machine: Machine): void => { machine.insmod({ name: 'memory', source: SOURCE }); };

/** What is referred to weakly stays to the end of the turn. */
const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

test.each<ExploreStrategy>(['exhaustive', 'delay', 'pct', 'random', 'urw', 'portfolio'])('%s keeps no machine but the last ones, and no stack but those that wait for a task', async (strategy) => {
  const machines: WeakRef<Machine>[] = [];
  const { schedules } = explore({ strategy, schedules: 300, keep: false }, (machine) => {
    machines.push(new WeakRef(machine));
    scenario(machine);
  });
  await turn();
  gc();
  expect(machines).toHaveLength(schedules);
  const { live, threads } = loadStacks().stats();
  // Tasks of the scenario at one time: two threads, insmod, and one idle task a CPU.
  expect(live).toBeLessThanOrEqual(5);
  expect(threads).toBeLessThanOrEqual(5);
  // A stack that waits may have that of its last task in a register.
  expect(machines.filter((machine) => machine.deref() !== undefined).length).toBeLessThanOrEqual(1 + live);
});

test('what waits to be run in a large space takes a few hundred bytes a schedule', () => {
  const explorer = new Explorer(readOptions({ strategy: 'exhaustive', preemptions: 8, schedules: 100_000, keep: false }, {}), scenario, { hint: (token) => token, arm: '', tasks: '' }, new Census(false));
  const heapAfter = (schedules: number): number => {
    while (explorer.schedules < schedules) explorer.step();
    gc();
    return process.memoryUsage().heapUsed;
  };
  const before = heapAfter(5000);
  expect((heapAfter(25_000) - before) / 20_000).toBeLessThan(500);
});

test('equal lists of questions are one', () => {
  const lists = new QuestionLists();
  const grown = [1, 2, 3];
  const kept = lists.same(grown, 3);
  expect(kept.questions).toEqual([1, 2, 3]);
  grown[1] = 4;
  expect(kept.questions).toEqual([1, 2, 3]);
  expect(lists.same([1, 2, 3, 4], 3)).toBe(kept);
  expect(lists.same([1, 2, 4], 3).questions).toEqual([1, 2, 4]);
  expect(lists.same([1], 0)).toBe(lists.same([], 0));
  for (let i = 0; i < 20_000; i++) if (lists.same([i, 7], 2).questions[0] !== i) throw new Error(String(i));
  expect(lists.same([1, 2, 3], 3).questions).toEqual([1, 2, 3]);
});
