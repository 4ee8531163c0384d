// Prints how many schedules a second the scenario with a number takes, with options as JSON: in a process of its own, since
// code that has seen one strategy is compiled for that one.
import { explore } from '../../../build/bench/test/bench/common/internals.js';
import { count } from './measure.mjs';
import { SCENARIOS } from './scenarios.mjs';

const SCHEDULES = count(60_000, 100);

const { run } = SCENARIOS[Number(process.argv[2])];
const options = { ...JSON.parse(process.argv[3]), keep: false };

/** Explores again and again, where there are fewer schedules than that. */
function exploreAll() {
  for (let ran = 0; ran < SCHEDULES; ) ran += explore({ ...options, schedules: SCHEDULES - ran }, run).schedules;
}

exploreAll(); // for the compiler
const begin = process.hrtime.bigint();
exploreAll();
console.log(SCHEDULES / (Number(process.hrtime.bigint() - begin) / 1e9));
