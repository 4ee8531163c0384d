/** What a supervised machine is to do and what came of it: plain data, which crosses from thread to thread. */
import type { ModuleParams } from '../../kernel/module/main.js';
import type { Site } from '../../kernel/arch/site.js';
import type { KeptSchedule } from '../explore/kept.js';
import type { Limits } from '../explore/options.js';
import type { Hashes } from '../explore/census.js';
import type { Found, Part } from '../explore/part.js';
import type { Plan } from '../explore/plan.js';
import type { StoredCorpus } from '../fuzz/corpus_folder.js';
import type { FuzzTold } from '../fuzz/options.js';
import type { FuzzNews } from '../fuzz/shown.js';
import type { FileCounts } from '../loader/coverage.js';
import type { Target } from '../fuzz/target.js';
import type { LoadErrorCode } from '../loader/index.js';
import type { BootOptions } from '../machine/options.js';

/** Boot options as data: no strategy of one's own, no console. */
export interface JobBoot extends Omit<BootOptions, 'strategy' | 'console' | 'replayHint'> {
  readonly strategy?: 'time' | 'random';
}

export interface RunJob {
  readonly kind: 'run';
  readonly boot?: JobBoot;
  /** Loaded in this order, unloaded in the opposite one. */
  readonly modules: readonly { readonly path: string; readonly params?: ModuleParams }[];
  /** Arrives at the serial port (0x3f8, line 4) once the modules are loaded. */
  readonly input?: Uint8Array;
  /** Interrupt lines that are raised, one after another, once the modules are loaded. */
  readonly raise?: readonly number[];
  /** Virtual time to run for after loading, in ms; until nothing is left to happen unless told. */
  readonly time_ms?: number;
  /** Leaves the modules loaded, and does not look for what they left behind. */
  readonly keep?: boolean;
  /** The command line that runs the same again; `--replay TOKEN` is put after it in reports. */
  readonly command?: string;
}

/** Reads what a module file says of itself; its init function does not run. */
export interface InfoJob {
  readonly kind: 'modinfo';
  readonly path: string;
}

/** Runs the schedules of one share of an exploration. */
export interface ExploreJob {
  readonly kind: 'explore';
  readonly plan: Plan;
  readonly limits: Limits;
  /** A schedule that failed an earlier time, which is run first. */
  readonly kept: KeptSchedule | null;
  /** One word: it ends after so many schedules. The supervisor may lower it meanwhile. */
  readonly until: SharedArrayBuffer;
}

/** Runs one schedule of an exploration again. */
export interface ReplayJob {
  readonly kind: 'replay';
  readonly plan: Plan;
  readonly token: string;
}

/** Runs the programs of one worker of a campaign that fuzzes. */
export interface FuzzJob {
  readonly kind: 'fuzz';
  readonly told: FuzzTold;
  /** Data: no call has a `run`. */
  readonly target: Target;
  readonly stored: StoredCorpus;
  /** From 0. */
  readonly worker: number;
  /** One word: it ends after so many programs. The supervisor may lower it meanwhile. */
  readonly until: SharedArrayBuffer;
  /** A word for each worker: the number of the program that it is at. */
  readonly progress: SharedArrayBuffer;
}

export type Job = RunJob | InfoJob | ExploreJob | ReplayJob | FuzzJob;

/** How a run stands when it ends, in whichever way. */
export interface RunState {
  /** Virtual time since boot, in ns. */
  readonly time_ns: number;
  /** First lines of the reports. */
  readonly headlines: readonly string[];
  /** What left the serial port. */
  readonly sent: Uint8Array;
  /** Bytes that came in while nobody had read the earlier ones. */
  readonly lost: number;
  /** As /proc/interrupts shows them, before the modules were unloaded. */
  readonly interrupts: string;
  /** Interrupts on the serial port's line. */
  readonly serial_interrupts: number;
  /** The event log of a machine that was booted with `trace`. */
  readonly trace: string | null;
}

export type Outcome =
  /** It came to its end. `quiet` is false where it was still busy; `leftovers` is null where nobody looked. */
  | { readonly kind: 'done'; readonly state: RunState; readonly quiet: boolean; readonly leftovers: readonly string[] | null }
  | { readonly kind: 'panic'; readonly state: RunState; readonly headline: string; readonly report: string; readonly token: string }
  /** insmod or rmmod was killed by an oops. */
  | { readonly kind: 'oops'; readonly state: RunState; readonly headline: string; readonly report: string }
  /** The kernel refused, with an errno: insmod, say. */
  | { readonly kind: 'refused'; readonly state: RunState; readonly message: string }
  /** The module does not compile, or there is no such file. */
  | { readonly kind: 'bad-module'; readonly message: string; readonly code: LoadErrorCode }
  /** The machine cannot be booted in this way, or the token does not fit. */
  | { readonly kind: 'bad-option'; readonly message: string }
  /** The module reached no preemption point for too long and was ended. */
  | { readonly kind: 'lockup'; readonly headline: string; readonly report: string }
  /** A call into the machine took too much of the host's time and was ended. `where` is the call trace at that moment. */
  | { readonly kind: 'overtime'; readonly limit_s: number; readonly where: readonly string[] }
  /** What the module's JavaScript keeps filled the memory that Node has for it, or that the process may take. `where` is the call trace at that moment. */
  | { readonly kind: 'out-of-memory'; readonly where: readonly string[] }
  /** The module ended the thread that it ran in, by the host's process.exit(). `where` is the call trace at that moment. */
  | { readonly kind: 'left'; readonly where: readonly string[] }
  /** The host's signal ended it. `where` is the call trace at that moment. */
  | { readonly kind: 'interrupted'; readonly where: readonly string[] }
  | { readonly kind: 'internal'; readonly message: string }
  | { readonly kind: 'modinfo'; readonly info: readonly { readonly tag: string; readonly text: string }[] }
  /** Its schedules have run, or as many of them as there was time for. */
  | { readonly kind: 'explored' }
  | { readonly kind: 'failed'; readonly failure: Found }
  /** The schedule has run again; null where it passed. */
  | { readonly kind: 'replayed'; readonly headline: string | null }
  /** Its programs have run, or as many of them as there was time for. */
  | { readonly kind: 'fuzzed' }
  /** In no schedule of the exploration was there anything to choose. */
  | { readonly kind: 'nothing'; readonly message: string }
  /** The exploration or the fuzzing could not have found anything, or is not repeatable. */
  | { readonly kind: 'unsound'; readonly message: string };

/**
 * How far a run has come: a module is about to be loaded; all are; it has lived, and they are about to be unloaded; one is about
 * to be; all are gone, and what they have left behind is looked for.
 */
export type Stage = `insmod ${string}` | 'loaded' | 'unloading' | `rmmod ${string}` | 'unloaded';

/** From the worker to its supervisor. */
export type Message =
  | { readonly type: 'memory'; readonly callstack: SharedArrayBuffer; readonly heartbeat: SharedArrayBuffer }
  /** Sites that were added since the last time. */
  | { readonly type: 'sites'; readonly sites: readonly Site[] }
  /** Module code runs from here on, or does not. */
  | { readonly type: 'running'; readonly running: boolean }
  | { readonly type: 'console'; readonly line: string }
  | { readonly type: 'stage'; readonly stage: Stage }
  /** How far an exploration has come, with the hashes of what is new. */
  | { readonly type: 'part'; readonly part: Part; readonly hashes: Hashes }
  | { readonly type: 'fuzzed'; readonly news: FuzzNews }
  /** A file of a module's was read, or looked for. */
  | { readonly type: 'file'; readonly path: string }
  /** A file was compiled with counters, which lie in shared memory. */
  | { readonly type: 'counts'; readonly file: FileCounts }
  | { readonly type: 'outcome'; readonly outcome: Outcome };

export interface WorkerData {
  readonly job: Job;
  /** One word: how many console lines the supervisor has shown. */
  readonly shown: SharedArrayBuffer;
  /** Whether modules count what runs of them. */
  readonly coverage: boolean;
}
