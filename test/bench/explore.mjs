// Schedules a second, by strategy, for one worker and for two; and where the time of a schedule goes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { BoundedSearch, Campaign, contextBound, DrawnSearch, explore, EXPLORED_KINDS, readOptions, STRATEGIES, Subject } from '../../build/bench/test/bench/common/internals.js';
import { count, SHORT } from './common/measure.mjs';
import { SCENARIOS, TASKS_MODULE } from './common/scenarios.mjs';
import { countStacks, stackCosts } from './common/stack_costs.mjs';
import { rateOfThreads } from './common/threads.mjs';

const BATCH = count(1000, 50);

/** Of the processors, whatever else these do meanwhile. */
function cpuMicroseconds(body) {
  const before = process.cpuUsage();
  body();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** A batch of schedules; again and again, where there are fewer. */
function exploreAll(options, scenario) {
  for (let ran = 0; ran < BATCH; ) ran += explore({ ...options, schedules: BATCH - ran }, scenario).schedules;
}

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

/** Of three processes: V8 compiles the same code in one way or another. */
const rateOf = (scenario, options) => median((SHORT ? [1] : [1, 2, 3]).map(() => Number(execFileSync(process.execPath, [join(import.meta.dirname, 'common/rate.mjs'), scenario, JSON.stringify(options)], { encoding: 'utf8' }))));

console.log('schedules a second');
SCENARIOS.forEach(({ text, run }, scenario) => {
  const ways = [...STRATEGIES.map((strategy) => [strategy, { strategy }]), ['not reduced', { strategy: 'exhaustive', reduce: false }]];
  const rates = ways.map(([way, options]) => [way, rateOf(scenario, options)]);
  // What reduction leaves out is shown all the same.
  const [reduced, whole] = [true, false].map((reduce) => explore({ strategy: 'exhaustive', reduce, keep: false }, run).schedules);
  rates.push(['exhaustive, of the whole space', (rates.find(([way]) => way === 'exhaustive')[1] * whole) / reduced]);
  for (const [way, rate] of rates) console.log(`  ${`${text}, ${way}`.padEnd(75)} ${rate.toFixed(0).padStart(7)}`);
});

// Where the time goes: what a step adds to the one before. The profiler would know nothing of the tasks' own stacks.

const ROUNDS = count(10, 3);

/** Makes the decisions it is told, and keeps nothing. */
class Told {
  name = 'told';
  clockless = true;
  faults = false;
  asked = 0;
  next = 0;

  constructor(decisions) {
    this.decisions = decisions;
    this.due = decisions.length === 0 ? -1 : decisions[0].ordinal;
  }

  answer() {
    if (this.asked++ !== this.due) return 0;
    const { way } = this.decisions[this.next++];
    this.due = this.next === this.decisions.length ? -1 : this.decisions[this.next].ordinal;
    return way;
  }

  pick(kind) {
    return kind === 'irq' ? 0 : this.answer();
  }

  gap() {
    return 0;
  }

  preempt() {
    return this.answer();
  }
}

/** The first schedules of the strategy, as often as it takes. */
function schedulesOf(strategy, subject) {
  const all = [];
  while (all.length < BATCH) {
    const learnt = { longest: 0, points: [] };
    const { limits } = readOptions({ strategy }, {});
    const search = strategy === 'exhaustive' ? new BoundedSearch(subject, contextBound, { changes: 2, interrupts: 1, faults: 0 }, false, limits) : new DrawnSearch(strategy, subject, limits, learnt);
    for (let next; all.length < BATCH && (next = search.next()) !== null; ) {
      subject.run(next);
      learnt.longest = Math.max(learnt.longest, next.asked);
      search.ran();
      all.push(next.decisions);
    }
  }
  return all;
}

/** us a schedule, by what takes it. */
function stepsOf({ idle, run }, strategy, costs) {
  const subject = (scenario) => new Subject({}, scenario, 0, EXPLORED_KINDS);
  const [nothing, loading, whole] = [subject(() => undefined), subject(idle), subject(run)];
  const schedules = schedulesOf(strategy, whole);
  const again = (what) => () => {
    for (const decisions of schedules) what.run(new Told(decisions));
  };
  const steps = [again(nothing), again(loading), again(whole), () => exploreAll({ strategy }, run)];
  const stacks_us = steps.slice(0, 3).map((step) => {
    const counts = countStacks(step);
    return Object.keys(costs).reduce((sum, key) => sum + (counts[key] * costs[key]) / 1000 / BATCH, 0);
  });
  const times = steps.map(() => []);
  for (let round = 0; round < ROUNDS; round++) steps.forEach((step, i) => times[i].push(cpuMicroseconds(step) / BATCH));
  const [boot, loaded, ran, explored] = times.map((all) => median(all.slice(1)));
  const counts = countStacks(steps[2]);
  return {
    'boot and power off': boot - stacks_us[0],
    'a module, or a task, that does nothing': loaded - boot - (stacks_us[1] - stacks_us[0]),
    'code of the module and kernel': ran - loaded - (stacks_us[2] - stacks_us[1]),
    'stacks': stacks_us[2],
    'choices and search': explored - ran,
    'all': explored,
    '(switches of stacks)': counts.switched / BATCH,
  };
}

const costs = await stackCosts();
const columns = SCENARIOS.flatMap((scenario) => ['exhaustive', 'random'].map((strategy) => ({ head: `${/^\S+/.exec(scenario.text)[0]} ${strategy}`, steps: stepsOf(scenario, strategy, costs) })));
console.log(`\nwhere the processors' time of a schedule goes, us (a switch ${costs.switched.toFixed(0)} ns, the end of a stack ${costs.ended.toFixed(0)} ns, killing one ${costs.killed.toFixed(0)} ns)`);
console.log(' '.repeat(42) + columns.map(({ head }) => head.padStart(15)).join(''));
for (const step of Object.keys(columns[0].steps)) {
  const cells = columns.map(({ steps }) => {
    const share = step.startsWith('(') ? '' : ` ${((100 * steps[step]) / steps['all']).toFixed(0).padStart(3)}%`;
    return `${steps[step].toFixed(1)}${share}`.padStart(15);
  });
  console.log(`  ${step.padEnd(40)}${cells.join('')}`);
}

// What a second processor brings to tests that explore at the same time, as vitest's files do.

const BY_THREADS = count(400_000, 500);

console.log('\nschedules a second by threads, (a), once they are compiled');
for (const options of [{ strategy: 'exhaustive' }, { strategy: 'exhaustive', reduce: false }, { strategy: 'random' }]) {
  const [one, two] = [await rateOfThreads(1, options, BY_THREADS), await rateOfThreads(2, options, BY_THREADS)];
  const way = options.reduce === false ? 'not reduced' : options.strategy;
  console.log(`  ${way.padEnd(12)} one ${one.toFixed(0).padStart(7)}, two ${two.toFixed(0).padStart(7)}: ${(two / one).toFixed(2)} times`);
}

// Workers, from the start of their threads to the end, with all that `ringzero explore` does. Processors that have other
// work make the ratio small; the time of processors that they take says what it is where there are enough of them.

// A thread takes as long to start and to compile as for thousands of schedules.
const CAMPAIGN = count(600_000, 2000);

async function campaignOf(path, strategy, workers) {
  const { limits } = readOptions({ strategy, schedules: CAMPAIGN, preemptions: 8, delays: 8, keep: false }, {});
  const plan = { modules: [{ path }], calls: [], arm: [], words: path };
  const campaign = new Campaign(plan, limits, { workers, kept: null, timeout_s: 10, signal: new AbortController().signal, console: console.log });
  const begin = process.hrtime.bigint();
  const before = process.cpuUsage();
  const { failure, trouble } = await campaign.run();
  const { user, system } = process.cpuUsage(before);
  if (failure !== null || trouble !== null) throw new Error(failure?.message ?? JSON.stringify(trouble));
  const { schedules } = campaign.part;
  return { rate: (schedules * 1e9) / Number(process.hrtime.bigint() - begin), cpu_us: (user + system) / schedules };
}

const folder = mkdtempSync(join(tmpdir(), 'ringzero-bench-'));
try {
  const path = join(folder, 'tasks.ts');
  writeFileSync(path, TASKS_MODULE.source);
  console.log(`\nschedules a second by workers, (a'), ${availableParallelism()} processors`);
  console.log(`${' '.repeat(14)}${['1 worker', '2 workers', 'ratio', 'us of processors', 'with 2', 'ratio at best'].map((head) => head.padStart(18)).join('')}`);
  for (const strategy of STRATEGIES) {
    const [one, two] = [await campaignOf(path, strategy, 1), await campaignOf(path, strategy, 2)];
    const cells = [one.rate.toFixed(0), two.rate.toFixed(0), (two.rate / one.rate).toFixed(2), one.cpu_us.toFixed(1), two.cpu_us.toFixed(1), ((2 * one.cpu_us) / two.cpu_us).toFixed(2)];
    console.log(`  ${strategy.padEnd(12)}${cells.map((cell) => cell.padStart(18)).join('')}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
