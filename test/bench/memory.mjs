// Memory over a million schedules, of each kind of search, after collecting garbage. Fails where it grows by more than
// what is allowed: nothing but the hashes of schedules where machines come and go; what waits to be run in one large space.
import { Census, Explorer, loadStacks, readOptions } from '../../build/bench/test/bench/common/internals.js';
import { count } from './common/measure.mjs';
import { TASKS_MODULE } from './common/scenarios.mjs';

const SCHEDULES = count(1_000_000, 12_000);
const STEP = count(100_000, 4000);
/** Of the heap, in all: code that is compiled late, mostly. */
const HEAP_BYTES = 2e6;
/** Of buffers: each different schedule has a hash of 8 bytes, in a table that is at least a quarter full. */
const HASH_BYTES = 32;
const BUFFER_BYTES = 1e6;
/** Of buffers, where states are remembered: 400,000 of 12 bytes, in a table that is at least three eighths full by then. */
const STATES_BYTES = 13e6;
/** Of the heap, of each schedule of one space: its decisions, and those of its questions that are still to be decided otherwise. */
const WAITING_BYTES = 300;

/** Tasks of the scenario at one time, insmod among them: a stack waits for the next one. */
const STACKS = 4;

const { run: scenario } = TASKS_MODULE;
const explorer = (options) => new Explorer(readOptions({ ...options, schedules: SCHEDULES, keep: false }, {}), scenario, { hint: (token) => token, arm: '', tasks: '' }, new Census(false));

const CASES = [
  { text: 'random', options: { strategy: 'random' }, perSchedule: 0, states: 0 },
  { text: 'exhaustive, a small space again and again', options: { strategy: 'exhaustive', preemptions: 2 }, perSchedule: 0, states: 0 },
  { text: 'exhaustive, one large space', options: { strategy: 'exhaustive', preemptions: 8 }, perSchedule: WAITING_BYTES, states: STATES_BYTES },
  { text: 'portfolio', options: { strategy: 'portfolio' }, perSchedule: WAITING_BYTES / 2, states: STATES_BYTES },
];

function look() {
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers };
}

const mb = (bytes) => (bytes / 1e6).toFixed(1).padStart(8);

let failed = false;
for (const { text, options, perSchedule, states } of CASES) {
  console.log(`\n${text}\n  schedules  heap MB  buffers MB  stacks`);
  let searching = explorer(options);
  let begin = null;
  let before = 0;
  for (let ran = STEP; ran <= SCHEDULES; ran += STEP) {
    for (let i = 0; i < STEP; i++) {
      if (searching.step()) continue;
      searching = explorer(options);
      searching.step();
    }
    const now = look();
    const { live, threads } = loadStacks().stats();
    console.log(`  ${String(ran).padStart(9)} ${mb(now.heap)}    ${mb(now.buffers)} ${String(live).padStart(3)} of ${threads}`);
    if (begin === null) {
      begin = now;
      before = ran;
      continue;
    }
    const grown = { heap: now.heap - begin.heap, buffers: now.buffers - begin.buffers };
    const allowed = { heap: HEAP_BYTES + perSchedule * (ran - before), buffers: BUFFER_BYTES + states + HASH_BYTES * ran };
    for (const what of ['heap', 'buffers']) {
      if (grown[what] <= allowed[what]) continue;
      console.error(`  ${what}: ${grown[what]} bytes more than after ${before} schedules, ${allowed[what]} are allowed`);
      failed = true;
    }
    if (live > STACKS || threads > STACKS) {
      console.error(`  stacks: ${live} are live, of ${threads} threads`);
      failed = true;
    }
    if (failed) process.exit(1);
  }
}
