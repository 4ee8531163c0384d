// A thread that explores the first scenario with the options that it was made with: it says when it is compiled, and when it
// has run as many schedules as it was told to.
import { parentPort, workerData, Worker } from 'node:worker_threads';
import { explore } from '../../../build/bench/test/bench/common/internals.js';
import { count } from './measure.mjs';
import { SCENARIOS } from './scenarios.mjs';

const COMPILED = count(80_000, 200);

const answer = (worker) => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));

/** Schedules a second of so many threads together. Each explores on its own, as the files of a test run do. */
export async function rateOfThreads(threads, options, schedules) {
  const workers = Array.from({ length: threads }, () => new Worker(new URL(import.meta.url), { workerData: options }));
  await Promise.all(workers.map(answer));
  const begin = process.hrtime.bigint();
  const done = Promise.all(workers.map(answer));
  for (const worker of workers) worker.postMessage(schedules);
  await done;
  const rate = (threads * schedules * 1e9) / Number(process.hrtime.bigint() - begin);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return rate;
}

function exploreAll(schedules) {
  for (let ran = 0; ran < schedules; ) ran += explore({ ...workerData, keep: false, schedules: schedules - ran }, SCENARIOS[0].run).schedules;
}

if (parentPort !== null) {
  exploreAll(COMPILED);
  parentPort.once('message', (schedules) => {
    exploreAll(schedules);
    parentPort.postMessage('done');
  });
  parentPort.postMessage('ready');
}
