/** Fuzzing by several workers: each draws programs of its own, in a thread of its own, under supervision. */
import { expectShortLives } from '../explore/heap.js';
import { portion } from '../explore/share.js';
import type { Outcome } from '../supervisor/job.js';
import { Reins } from '../supervisor/reins.js';
import { supervise } from '../supervisor/supervisor.js';
import { readCorpus, type StoredCorpus } from './corpus_folder.js';
import type { FuzzTold } from './options.js';
import type { Program } from './program.js';
import { type Counts, type Crash, type Found, type Fuzzing, type FuzzNews, withClaim } from './shown.js';
import type { Target } from './target.js';

export interface FuzzCampaignOptions {
  readonly workers: number;
  /** Seconds that a module may run without reaching a preemption point. */
  readonly timeout_s: number;
  /** Seconds that one call into a machine may take. */
  readonly limit_s: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** What a worker has told. */
interface Member {
  counts: Counts;
  readonly corpus: Program[];
  readonly found: Found[];
  outcome: Outcome | null;
}

export class FuzzCampaign {
  private readonly told: FuzzTold;
  private readonly target: Target;
  private readonly options: FuzzCampaignOptions;
  private readonly stored: StoredCorpus;
  private readonly reins: Reins;
  private readonly members: Member[];
  /** By worker: the number of the run that it is at. */
  private readonly progress: Int32Array;
  private readonly edges = new Set<number>();
  private readonly written = new Set<string>();

  /** The target has no code of the host's. Throws a MachineError for a corpus that cannot be used. */
  constructor(told: FuzzTold, target: Target, options: FuzzCampaignOptions) {
    this.told = told;
    this.target = target;
    this.options = options;
    // Read once: what one worker adds must not change what another begins with.
    this.stored = readCorpus(told.limits.corpus, target);
    this.reins = new Reins(options.signal);
    this.members = Array.from({ length: Math.min(options.workers, told.limits.executions) }, () => ({
      counts: { executions: 0, replayed: 0, unfit: 0, crashed: 0, long: 0 }, corpus: [], found: [], outcome: null,
    }));
    this.progress = new Int32Array(new SharedArrayBuffer(4 * this.members.length));
  }

  /** Resolves to how it ended before its end, or to null. That does not depend on how fast the threads are, but for Ctrl-C. */
  async run(): Promise<Outcome | null> {
    // A flag of the process: it is set before its threads run.
    expectShortLives();
    await Promise.all(this.members.map((member, worker) => this.work(member, worker)));
    this.reins.release();
    return this.trouble;
  }

  private async work(member: Member, worker: number): Promise<void> {
    const { told: { limits, machine }, target, stored, reins, progress, members } = this;
    const { timeout_s, limit_s } = this.options;
    const executions = portion({ index: worker, of: members.length }, limits.executions);
    const outcome = await supervise(
      { kind: 'fuzz', told: { limits: { ...limits, executions }, machine }, target, stored, worker, until: reins.until, progress: progress.buffer as SharedArrayBuffer },
      {
        timeout_s,
        limit_s,
        signal: reins.signal,
        fuzzed: (news) => {
          this.hear(member, news);
        },
      },
    );
    member.outcome = outcome;
    // The others go on as far as this one came: what is the first to go wrong does not depend on who is fast.
    if (outcome.kind === 'internal') reins.end();
    else if (isTrouble(outcome)) reins.lower(progress[worker]!);
  }

  private hear(member: Member, { counts, edges, corpus, written, found }: FuzzNews): void {
    member.counts = counts;
    for (const edge of edges) this.edges.add(edge);
    for (const name of written) this.written.add(name);
    member.corpus.push(...corpus);
    member.found.push(...found);
  }

  /** Of the workers that did not come to their end the one that came least far; else that they were interrupted. */
  private get trouble(): Outcome | null {
    const outcomes = this.members.map(({ outcome }) => outcome!);
    const troubles = outcomes.map((outcome, worker) => ({ outcome, at: this.progress[worker]! })).filter(({ outcome }) => isTrouble(outcome));
    const internal = outcomes.find(({ kind }) => kind === 'internal');
    return internal ?? troubles.sort((a, b) => a.at - b.at)[0]?.outcome ?? outcomes.find(({ kind }) => kind === 'interrupted') ?? null;
  }

  /**
   * Crashes that the same campaign has at this place whenever it is run, in their order, one of each kind. While workers
   * run, those before which none of them can come with another; where one has hung, those up to there.
   */
  private get crashes(): readonly Crash[] {
    const running = this.members.some(({ outcome }) => outcome === null);
    const ends = this.members.map(({ outcome }, worker) => {
      const at = this.progress[worker]!;
      if (outcome === null) return at - 1;
      if (!isTrouble(outcome)) return Infinity;
      return running ? at - 1 : at;
    });
    const horizon = Math.min(...ends);
    const known = new Map<string, Crash>();
    // A stable sort: of two workers' the first one's.
    for (const { key, at, crash } of this.members.flatMap(({ found }) => found).sort((a, b) => a.at - b.at)) {
      if (at <= horizon && !known.has(key)) known.set(key, crash);
    }
    return [...known.values()];
  }

  /** What has been shown so far. */
  get result(): Fuzzing {
    const { members, edges, written, crashes, told, target } = this;
    const sum = (name: keyof Counts): number => members.reduce((total, { counts }) => total + counts[name], 0);
    // Each of them runs the whole corpus that was there.
    const most = (name: keyof Counts): number => Math.max(...members.map(({ counts }) => counts[name]));
    return withClaim(told.limits, target.modules.map(({ name }) => name), members.length, {
      executions: sum('executions'), replayed: most('replayed'), unfit: most('unfit'), crashed: sum('crashed'), long: sum('long'),
      edges: edges.size, corpus: members.flatMap(({ corpus }) => corpus), written: written.size, crashes,
    });
  }
}

function isTrouble({ kind }: Outcome): boolean {
  return kind !== 'fuzzed' && kind !== 'interrupted';
}
