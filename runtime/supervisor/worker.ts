/**
 * The worker's side of supervision. Console lines go to the supervisor as they come; a machine that prints faster
 * than they can be shown waits, so that no number of lines fills the memory and none is lost.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { shared_callstack } from '../../kernel/arch/callstack.js';
import { site_count, site_of } from '../../kernel/arch/site.js';
import { collectCoverage } from '../loader/coverage.js';
import { onFile } from '../loader/read_files.js';
import { sharedHeartbeat } from '../machine/heartbeat.js';
import type { Message, WorkerData } from './job.js';
import { runJob } from './session.js';

/** Lines that may be on their way. */
const LINES_MAX = 4096;

const { job, shown, coverage } = workerData as WorkerData;
const shownLines = new Int32Array(shown);
let postedLines = 0;
let postedSites = 0;

function post(message: Message): void {
  parentPort!.postMessage(message);
}

function postSites(): void {
  const sites = Array.from({ length: site_count() - postedSites }, (_, i) => site_of(postedSites + i));
  postedSites += sites.length;
  post({ type: 'sites', sites });
}

function showLine(line: string): void {
  post({ type: 'console', line });
  postedLines++;
  for (;;) {
    const seen = Atomics.load(shownLines, 0);
    if (postedLines - seen <= LINES_MAX) return;
    Atomics.wait(shownLines, 0, seen);
  }
}

onFile((path) => {
  post({ type: 'file', path });
});
if (coverage) {
  collectCoverage((file) => {
    post({ type: 'counts', file });
  });
}
post({ type: 'memory', callstack: shared_callstack(), heartbeat: sharedHeartbeat() });
const outcome = runJob(job, {
  console: showLine,
  stage(stage) {
    post({ type: 'stage', stage });
  },
  part(part, hashes) {
    post({ type: 'part', part, hashes });
  },
  fuzzed(news) {
    post({ type: 'fuzzed', news });
  },
  running(running) {
    postSites();
    post({ type: 'running', running });
  },
});
post({ type: 'outcome', outcome });
