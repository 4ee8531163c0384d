/** Runs a scenario under many schedules, each on a fresh machine, until one fails or the bound is reached. */
import type { Decision } from '../choice/sparse.js';
import { havePoints } from '../machine/host_code.js';
import { listen, type Sometimes } from './assertions.js';
import { contextBound } from './context_bound.js';
import { delayBound } from './delay_bound.js';
import { Distinct } from './distinct.js';
import { ExplorationError } from './errors.js';
import { type ExploreOptions, type ExploreStrategy, type Limits, readOptions } from './options.js';
import { Portfolio } from './portfolio.js';
import { expectShortLives } from './heap.js';
import { explain, type Hint } from './report.js';
import { type MachineOptions, runSchedule, type Scenario, Subject } from './schedule.js';
import { BoundedSearch, DrawnSearch, type Learnt, type Search } from './search.js';

/** What a passing exploration has shown. */
export interface Exploration {
  readonly strategy: ExploreStrategy;
  /** Schedules that were run. */
  readonly schedules: number;
  /** Those of them that differ. */
  readonly distinct: number;
  /** Points, in all schedules, at which there was more than one way to go on. */
  readonly steps: number;
  /** True where these are all that there are within the bounds. */
  readonly exhausted: boolean;
  /** Schedules known to exist within the bounds that were not run; at least so many are left. */
  readonly left: number;
  /** The same in a sentence. */
  readonly claim: string;
}

/** An exploration that is under way. */
export class Explorer {
  private readonly limits: Limits;
  private readonly subject: Subject;
  private readonly search: Search;
  private readonly learnt: Learnt = { longest: 0, points: [] };
  private readonly distinct = new Distinct();
  private readonly sometimes: Sometimes = new Map();
  private readonly hint: Hint;
  private readonly started = performance.now();
  private schedules = 0;
  private steps = 0;
  private exhausted = false;

  constructor(options: ExploreOptions, scenario: Scenario, hint: Hint = (token) => `replay('${token}', scenario)`) {
    const { limits, machine } = readOptions(options);
    expectShortLives();
    this.limits = limits;
    this.subject = new Subject(machine, scenario, limits.faults);
    this.search = searchOf(limits, this.subject, this.learnt);
    this.hint = hint;
  }

  /** Runs one schedule more. Returns false where there is none; throws an ExplorationFailure where it fails. */
  step(): boolean {
    if (this.schedules >= this.limits.schedules || performance.now() - this.started >= this.limits.milliseconds) return false;
    const strategy = this.search.next();
    if (strategy === null) {
      this.exhausted = true;
      return false;
    }
    const earlier = listen(this.sometimes);
    try {
      const failure = this.subject.run(strategy);
      this.schedules++;
      if (failure !== null) throw explain(this.subject, strategy.decisions, failure, this.schedules, this.search.name, this.hint);
    } finally {
      listen(earlier);
    }
    this.steps += strategy.asked;
    this.learnt.longest = Math.max(this.learnt.longest, strategy.asked);
    this.distinct.add(strategy.decisions);
    this.search.ran();
    return true;
  }

  /** Runs a schedule of an earlier exploration. Throws an ExplorationFailure where it still fails. */
  retry(decisions: readonly Decision[]): void {
    const failure = this.subject.rerun(decisions);
    if (failure !== null) throw explain(this.subject, decisions, failure, 0, 'kept from an earlier run', this.hint);
  }

  /** What has been shown so far. */
  get result(): Exploration {
    const { schedules, steps, search } = this;
    const { left } = search;
    const { strategy } = this.limits;
    const exhausted = this.exhausted || ((strategy === 'exhaustive' || strategy === 'delay') && left === 0);
    return { strategy, schedules, distinct: this.distinct.size, steps, exhausted, left, claim: search.claim(schedules) };
  }

  /** The same at the end. Throws an ExplorationError where it shows nothing. */
  finish(): Exploration {
    if (this.steps === 0) {
      throw new ExplorationError(
        'nothing could interleave: in no schedule was there more than one way to go on. ' +
          'Run at least two tasks on two CPUs, or give the machine an interrupt that may come with machine.arm(irq).' +
          (this.subject.ranHostCode && !havePoints() ? " Statements of a test file are points only with the plugin of 'ringzero/vitest/plugin'." : ''),
      );
    }
    for (const [text, held] of this.sometimes) {
      if (held === 0) throw new ExplorationError(`never came true in ${this.schedules} schedules: ${text}`);
    }
    return this.result;
  }
}

function searchOf(limits: Limits, subject: Subject, learnt: Learnt): Search {
  const { strategy, preemptions, delays, interrupts, faults } = limits;
  switch (strategy) {
    case 'exhaustive':
      return new BoundedSearch(subject, contextBound, { changes: preemptions, interrupts, faults }, false);
    case 'delay':
      return new BoundedSearch(subject, delayBound, { changes: delays, interrupts, faults }, false);
    case 'pct':
    case 'random':
    case 'urw':
      return new DrawnSearch(strategy, subject, limits, learnt);
    case 'portfolio': {
      const bounded = new BoundedSearch(subject, contextBound, { changes: preemptions, interrupts, faults }, true);
      return new Portfolio(bounded, (['pct', 'random', 'urw'] as const).map((name) => new DrawnSearch(name, subject, limits, learnt)));
    }
  }
}

/**
 * Runs `scenario` under many schedules. Returns what that has shown; throws an ExplorationFailure for the first
 * schedule that fails, and an ExplorationError where there was nothing to choose in any of them.
 */
export function explore(options: ExploreOptions, scenario: Scenario): Exploration {
  const explorer = new Explorer(options, scenario);
  while (explorer.step());
  return explorer.finish();
}

/** Runs the scenario the way that a token says. Throws what the scenario throws. */
export function replay(token: string, scenario: Scenario, options: MachineOptions = {}): void {
  const failure = runSchedule(options, { replay: token }, scenario);
  if (failure !== null) throw failure.error;
}
