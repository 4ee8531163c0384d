/**
 * Supervision: a machine runs in a thread of its own, so that a module that loops without ever reaching a
 * preemption point (in a regular expression, say) can be ended, and told where it was.
 */
import { url as inspectorUrl } from 'node:inspector';
import { Worker } from 'node:worker_threads';
import type { Hashes } from '../explore/census.js';
import type { Part } from '../explore/part.js';
import type { FuzzNews } from '../fuzz/shown.js';
import { addCounts, collectsCoverage } from '../loader/coverage.js';
import { noteFile } from '../loader/read_files.js';
import { LIMIT_S } from '../machine/options.js';
import { builtFile } from '../package_root.js';
import { memoryLimit } from './memory_limit.js';
import type { Job, Message, Outcome, Stage, WorkerData } from './job.js';
import { View } from './view.js';

export interface SuperviseOptions {
  /** Takes the console's lines. The machine waits for the promises that it returns. */
  readonly console?: (line: string) => void | Promise<void>;
  /** Told how far the run has come, in order with the console's lines. */
  readonly stage?: (stage: Stage) => void;
  /** Told how far an exploration has come, with the hashes of what is new. */
  readonly part?: (part: Part, hashes: Hashes) => void;
  /** Told what fuzzing has come to since the last time. */
  readonly fuzzed?: (news: FuzzNews) => void;
  /**
   * Seconds of the host's time that a module may run without reaching a preemption point; 10 unless told. They do not
   * count while Node's inspector is open (`node --inspect`, a debugger's launch): a thread at a breakpoint stands still, too.
   */
  readonly timeout_s?: number;
  /**
   * Seconds of the host's time that one call into the machine may take, whatever it does; 300 unless told. While lines
   * wait for the console, or an inspector is open, they do not count either.
   */
  readonly limit_s?: number;
  /** Bytes that the process may take, all its threads together; three quarters of what there is unless told. */
  readonly memory_bytes?: number;
  /** Ends the run. */
  readonly signal?: AbortSignal;
}

const TIMEOUT_S = 10;
/** How often the supervisor looks, in ms: by its own ticks, so that a suspended laptop is no lockup. */
const LOOK_MS = 50;
/** Time that a thread has to end when it is told to, in ms. One that is inside a built-in function of V8's own may never do. */
const TERMINATE_MS = 2000;

let stuck = 0;

/** How many threads were told to end, and have not: Node does not exit for as long as they run. */
export function stuckThreads(): number {
  return stuck;
}

/** Runs a job on a machine in a worker thread. Never rejects: whatever goes wrong is an outcome. */
export function supervise(job: Job, options: SuperviseOptions = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    new Supervisor(job, options, resolve).watch();
  });
}

class Supervisor {
  private readonly worker: Worker;
  private readonly options: SuperviseOptions;
  private readonly resolve: (outcome: Outcome) => void;
  private readonly timeout_s: number;
  private readonly limit_s: number;
  private readonly memory_limit: number;
  private readonly shown = new Int32Array(new SharedArrayBuffer(4));
  private readonly view = new View();
  private readonly timer: NodeJS.Timeout;
  private outcome: Outcome | null = null;
  private running = false;
  private beats = 0;
  private place = 0;
  private still_ms = 0;
  private calls = 0;
  private call_ms = 0;
  private terminating: NodeJS.Timeout | undefined;
  private hasSettled = false;
  /** Lines that came and are not shown yet. */
  private waiting = 0;

  constructor(job: Job, options: SuperviseOptions, resolve: (outcome: Outcome) => void) {
    this.options = options;
    this.resolve = resolve;
    this.timeout_s = options.timeout_s ?? TIMEOUT_S;
    this.limit_s = options.limit_s ?? LIMIT_S;
    this.memory_limit = options.memory_bytes ?? memoryLimit();
    const workerData: WorkerData = { job, shown: this.shown.buffer, coverage: collectsCoverage() };
    this.worker = new Worker(builtFile('runtime/supervisor/worker.js'), { workerData, name: 'ringzero' });
    this.timer = setInterval(() => {
      this.look();
    }, LOOK_MS);
  }

  watch(): void {
    this.worker.on('message', (message: Message) => {
      this.still_ms = 0;
      this.receive(message);
    });
    this.worker.on('error', (error: Error & { code?: string }) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') this.end({ kind: 'out-of-memory', where: this.where() });
      else this.end({ kind: 'internal', message: error.stack ?? error.message });
    });
    // The exit comes after every message.
    this.worker.on('exit', (code) => {
      if (this.hasSettled) stuck--;
      else if (this.running && this.outcome === null) this.settle({ kind: 'left', where: this.where() });
      else this.settle(this.outcome ?? { kind: 'internal', message: `the worker thread ended with code ${code} and said nothing` });
    });
    if (this.options.signal?.aborted === true) this.abort();
    else this.options.signal?.addEventListener('abort', this.abort);
  }

  private settle(outcome: Outcome): void {
    this.hasSettled = true;
    clearInterval(this.timer);
    clearTimeout(this.terminating);
    this.options.signal?.removeEventListener('abort', this.abort);
    this.resolve(outcome);
  }

  private receive(message: Message): void {
    switch (message.type) {
      case 'memory':
        this.view.connect(message.callstack, message.heartbeat);
        break;
      case 'sites':
        this.view.addSites(message.sites);
        break;
      case 'running':
        this.running = message.running;
        break;
      case 'console':
        this.print(message.line);
        break;
      case 'stage':
        this.options.stage?.(message.stage);
        break;
      case 'part':
        this.options.part?.(message.part, message.hashes);
        break;
      case 'fuzzed':
        this.options.fuzzed?.(message.news);
        break;
      case 'file':
        noteFile(message.path);
        break;
      case 'counts':
        addCounts(message.file);
        break;
      case 'outcome':
        this.outcome ??= message.outcome;
        break;
    }
  }

  private print(line: string): void {
    const done = (): void => {
      this.waiting--;
      Atomics.add(this.shown, 0, 1);
      Atomics.notify(this.shown, 0);
    };
    this.waiting++;
    const shown = this.options.console?.(line);
    if (shown === undefined) done();
    else void shown.then(done, done);
  }

  private look(): void {
    if (this.outcome !== null) return;
    const { beats, calls, place } = this.view;
    // A machine whose lines are not taken is waiting for us, and one at a breakpoint for whoever debugs it.
    const waits = this.waiting > 0 || inspectorUrl() !== undefined;
    // Before the first call the thread starts and compiles.
    if (calls !== this.calls || calls === 0) this.call_ms = 0;
    else if (!waits) this.call_ms += LOOK_MS;
    // Where each statement takes long the place changes more often than the machine looks around.
    if (!this.running || waits || beats !== this.beats || place !== this.place) this.still_ms = 0;
    else this.still_ms += LOOK_MS;
    this.beats = beats;
    this.calls = calls;
    this.place = place;
    if (this.still_ms >= this.timeout_s * 1000) this.lockup();
    else if (process.memoryUsage.rss() > this.memory_limit) this.end({ kind: 'out-of-memory', where: this.where() });
    else if (this.call_ms >= this.limit_s * 1000) this.end({ kind: 'overtime', limit_s: this.limit_s, where: this.where() });
  }

  /** Follows kernel/watchdog_hld.c, watchdog_overflow_callback(), with hardlockup_panic set. */
  private lockup(): void {
    const { view } = this;
    const headline = `NMI watchdog: Watchdog detected hard LOCKUP on cpu ${view.cpu}`;
    const lines = [headline, ...view.offence(), 'Call Trace:', ...view.trace(), 'Kernel panic - not syncing: Hard LOCKUP'];
    for (const line of lines) this.print(line);
    this.end({ kind: 'lockup', headline, report: lines.join('\n') });
  }

  private readonly abort = (): void => {
    this.end({ kind: 'interrupted', where: this.where() });
  };

  /** What the machine is at. */
  private where(): readonly string[] {
    const { view } = this;
    return [...view.offence(), `CPU ${view.cpu}, call trace:`, ...view.trace()];
  }

  private end(outcome: Outcome): void {
    this.outcome ??= outcome;
    this.running = false;
    if (this.terminating !== undefined) return;
    void this.worker.terminate();
    this.terminating = setTimeout(() => {
      stuck++;
      this.worker.unref();
      this.settle(this.outcome!);
    }, TERMINATE_MS);
  }
}
