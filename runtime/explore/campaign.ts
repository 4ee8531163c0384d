/** An exploration by several workers: each runs a share of it in a thread of its own, under supervision. */
import type { Outcome } from '../supervisor/job.js';
import { Reins } from '../supervisor/reins.js';
import { supervise } from '../supervisor/supervisor.js';
import { Census } from './census.js';
import { expectShortLives } from './heap.js';
import type { KeptSchedule } from './kept.js';
import type { Limits } from './options.js';
import { firstFound, type Found, mergeParts, type Part, partBefore, withEstimates } from './part.js';
import type { Plan } from './plan.js';
import { deal } from './share.js';

export interface CampaignOptions {
  readonly workers: number;
  /** A schedule that failed an earlier time: it is run first. */
  readonly kept: KeptSchedule | null;
  /** Takes the report of a module that reaches no preemption point. */
  readonly console: (line: string) => void | Promise<void>;
  /** Seconds that a module may run without reaching one. */
  readonly timeout_s: number;
  /** Seconds that one call into a machine may take. */
  readonly limit_s: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

export interface CampaignEnd {
  readonly failure: Found | null;
  /** A share that did not come to its end, and how; null where all did, or found something. */
  readonly trouble: Outcome | null;
}

export class Campaign {
  private readonly plan: Plan;
  private limits: Limits;
  private readonly options: CampaignOptions;
  /** Of each worker, the latest. */
  private parts: Part[];
  private readonly reins: Reins;
  /** Of all workers together. */
  readonly census = new Census(false);

  constructor(plan: Plan, limits: Limits, options: CampaignOptions) {
    this.plan = plan;
    this.limits = limits;
    this.options = options;
    this.reins = new Reins(options.signal);
    this.parts = this.partsBefore();
  }

  private partsBefore(): Part[] {
    const { limits, options: { workers } } = this;
    return Array.from({ length: workers }, (_, worker) => partBefore({ ...limits, share: deal(limits.share, worker, workers) }));
  }

  /** What has been shown so far. */
  get part(): Part {
    const { together } = this;
    const { extent } = together;
    // One that was interrupted before its workers could begin anew: what they have run has passed, and bounds nothing.
    return extent?.disputed === true ? { ...together, extent: { ...extent, done: -1, disputed: false } } : together;
  }

  private get together(): Part {
    return mergeParts(withEstimates(this.parts), this.limits.share);
  }

  async run(): Promise<CampaignEnd> {
    // A flag of the process: it is set before its threads run.
    expectShortLives();
    let end = await this.round();
    // What one worker has left out another has seen to be needed: they begin anew with what all of them know.
    for (let { extent } = this.together; end.failure === null && end.trouble === null && extent?.disputed === true; extent = this.together.extent) {
      this.limits = { ...this.limits, contested: extent.contested };
      this.parts = this.partsBefore();
      end = await this.round();
    }
    this.reins.release();
    return end;
  }

  private async round(): Promise<CampaignEnd> {
    const outcomes = await Promise.all(this.parts.map(({ share }, worker) => this.work({ ...this.limits, share }, worker)));
    const troubles = outcomes.filter(({ kind }) => kind !== 'explored' && kind !== 'failed');
    return {
      failure: firstFound(outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.failure] : []))),
      // The others were interrupted because of it.
      trouble: troubles.find(({ kind }) => kind !== 'interrupted') ?? troubles[0] ?? null,
    };
  }

  private async work(limits: Limits, worker: number): Promise<Outcome> {
    const { kept, console, timeout_s, limit_s } = this.options;
    const { until, signal } = this.reins;
    const outcome = await supervise(
      { kind: 'explore', plan: this.plan, limits, kept: worker === 0 ? kept : null, until },
      {
        console,
        timeout_s,
        limit_s,
        signal,
        part: (part, hashes) => {
          this.parts[worker] = part;
          this.census.add(hashes);
        },
      },
    );
    // The others go on as far as this one came: which failure is the first does not depend on who is fast.
    if (outcome.kind === 'failed') this.reins.lower(outcome.failure.found);
    else if (outcome.kind !== 'explored' && outcome.kind !== 'interrupted') this.reins.end();
    return outcome;
  }
}
