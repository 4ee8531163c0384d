/** Runs a scenario under many schedules, each on a fresh machine, until one fails or the bound is reached. */
import { sameModules } from '../choice/token.js';
import { havePoints } from '../machine/host_code.js';
import { listen, type Sometimes } from './assertions.js';
import { checkExploreOptions, checkScenario, checkToken } from './arguments.js';
import { Census } from './census.js';
import { contextBound } from './context_bound.js';
import { delayBound } from './delay_bound.js';
import { ExplorationError, ExplorationFailure, NothingInterleaved } from './errors.js';
import { type ExploreOptions, type ExploreStrategy, type Limits, readOptions, type Told } from './options.js';
import { claimOfPart, type Part } from './part.js';
import { Portfolio } from './portfolio.js';
import { expectShortLives } from './heap.js';
import { forgetFailure, keepFailure, keptFailure, type KeptSchedule, nameOfTest } from './kept.js';
import { Reached } from './reached.js';
import { explain, KEPT, KEPT_BEFORE_EDIT, type Reader } from './report.js';
import { type MachineOptions, runSchedule, type Scenario, Subject } from './schedule.js';
import { portion } from './share.js';
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
  /** Schedules within the bounds that were not run, by estimate; null where schedules are drawn. */
  readonly estimate: number | null;
  /** Different contexts at those points: places of a module, with what led there and what the CPU may do in it. */
  readonly contexts: number;
  /** Different sets of locks held at those points. */
  readonly lockStates: number;
  /** The same in a sentence. */
  readonly claim: string;
}

/** An exploration that is under way. */
export class Explorer {
  private readonly limits: Limits;
  private readonly subject: Subject;
  private readonly search: Search;
  private readonly learnt: Learnt = { longest: 0, points: [] };
  readonly census: Census;
  private readonly reached: Reached;
  /** Schedules of the share that are run at most. */
  private readonly quota: number;
  private readonly sometimes: Sometimes = new Map();
  /** What a failing schedule is kept as, or null. */
  private readonly keptAs: string | null;
  private readonly reader: Reader;
  private readonly started = performance.now();
  /** Schedules of the share that were run. */
  schedules = 0;
  private steps = 0;
  private exhausted = false;

  constructor({ limits, machine }: Told, scenario: Scenario, reader: Reader, census: Census) {
    expectShortLives();
    this.limits = limits;
    this.quota = portion(limits.share, limits.schedules);
    this.census = census;
    this.reached = new Reached(census);
    this.subject = new Subject(machine, scenario, limits.faults, limits.kinds, limits.points);
    this.search = searchOf(limits, this.subject, this.learnt);
    this.reader = reader;
    this.keptAs = limits.keep === false ? null : (limits.keep ?? nameOfTest(String(scenario)));
  }

  /** Runs one schedule more. Returns false where there is none; throws an ExplorationFailure where it fails. */
  step(): boolean {
    if (this.schedules >= this.quota || this.isOverdue()) return false;
    const strategy = this.search.next();
    if (strategy === null) {
      this.exhausted = true;
      return false;
    }
    strategy.onQuestion = this.reached.note;
    const earlier = listen(this.sometimes);
    try {
      const failure = this.subject.run(strategy);
      if (failure !== null) this.fail(explain(this.subject, strategy.decisions, failure, this.schedules + 1, this.search.name, this.reader));
    } finally {
      listen(earlier);
    }
    this.learnt.longest = Math.max(this.learnt.longest, strategy.asked);
    if (this.search.own) {
      this.schedules++;
      this.steps += strategy.asked;
      this.census.schedules.add(strategy.decisions);
    }
    this.search.ran();
    return true;
  }

  private isOverdue(): boolean {
    const { milliseconds } = this.limits;
    return milliseconds !== Infinity && performance.now() - this.started >= milliseconds;
  }

  /** Runs the schedule that failed the last time. Throws an ExplorationFailure where it still fails. */
  retryKept(): void {
    const kept = this.keptAs === null ? null : keptFailure(this.keptAs);
    if (kept === null) return;
    this.retry(kept);
    forgetFailure(this.keptAs!);
  }

  /** Runs a schedule of an earlier exploration. Throws an ExplorationFailure where it still fails. */
  retry({ decisions, token }: KeptSchedule): void {
    const failure = this.subject.rerun(decisions);
    if (failure === null) return;
    // Of modules that have changed the decisions are a guess, and a good one: whoever has edited them wants to know.
    const how = sameModules(token, failure.token) ? KEPT : KEPT_BEFORE_EDIT;
    this.fail(explain(this.subject, decisions, failure, 0, how, this.reader));
  }

  private fail(failure: ExplorationFailure): never {
    const why = this.keptAs === null ? null : keepFailure(this.keptAs, failure);
    if (why !== null) failure.message += `\n(it could not be kept for the next run: ${why})`;
    throw failure;
  }

  /** What has been shown so far. */
  get part(): Part {
    const { schedules, steps, search } = this;
    const { left, extent } = search;
    const { strategy, share } = this.limits;
    const exhausted = this.exhausted || (strategy !== 'portfolio' && extent !== null && extent.proven !== null);
    return { share, schedules, steps, exhausted, left, extent, estimate: null, unvaried: this.subject.unvaried };
  }

  /** The same with an estimate of what is left, which takes a look at all that waits. */
  get estimatedPart(): Part {
    const { estimate } = this.search;
    return { ...this.part, estimate: estimate === null ? null : Math.round(estimate) };
  }

  /** The same with its claim. */
  get result(): Exploration {
    const { estimatedPart: part, census, limits } = this;
    const { schedules, steps, exhausted, left, estimate } = part;
    const [distinct, contexts, lockStates] = [census.schedules.size, census.contexts.size, census.lockStates.size];
    return { strategy: limits.strategy, schedules, distinct, steps, exhausted, left, estimate, contexts, lockStates, claim: claimOfPart(limits, part) };
  }

  /** The same at the end. Throws an ExplorationError where it shows nothing. */
  finish(): Exploration {
    if (this.learnt.longest === 0 && this.quota > 0) {
      throw new NothingInterleaved(
        `nothing could interleave: in no schedule was there more than one way to go on. ${this.subject.whyAlone(this.reader)}` +
          (this.subject.ranHostCode && !havePoints() ? " Statements of a test file are points only with the plugin of 'ringzero/vitest/plugin'." : ''),
      );
    }
    // What one share has not come to may be in another.
    if (this.limits.share.of > 1) return this.result;
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
      return new BoundedSearch(subject, contextBound, { changes: preemptions, interrupts, faults }, false, limits);
    case 'delay':
      return new BoundedSearch(subject, delayBound, { changes: delays, interrupts, faults }, false, limits);
    case 'pct':
    case 'random':
    case 'urw':
      return new DrawnSearch(strategy, subject, limits, learnt);
    case 'portfolio': {
      const bounded = new BoundedSearch(subject, contextBound, { changes: preemptions, interrupts, faults }, true, limits);
      return new Portfolio(bounded, (['pct', 'random', 'urw'] as const).map((name) => new DrawnSearch(name, subject, limits, learnt)));
    }
  }
}

/**
 * Runs `scenario` under many schedules. Returns what that has shown; throws an ExplorationFailure for the first schedule that
 * fails, an ExplorationError where there was nothing to choose in any of them, and a MachineError for options that there are
 * not and for a scenario that is none, or returns a promise.
 */
export function explore(options: ExploreOptions, scenario: Scenario): Exploration {
  checkExploreOptions(options);
  checkScenario('explore', scenario);
  const explorer = new Explorer(readOptions(options), scenario, { hint: (token) => `replay('${token}', scenario)`, arm: 'machine.arm(irq)', tasks: 'run at least two tasks, on two CPUs' }, new Census(false));
  explorer.retryKept();
  while (explorer.step());
  return explorer.finish();
}

/**
 * Runs the scenario the way that a token says, on machines with the options of its exploration. Throws what the scenario
 * throws, a ReplayError where the token does not fit, and a MachineError where it is none.
 */
export function replay(token: string, scenario: Scenario, options: MachineOptions = {}): void {
  checkToken(token);
  checkScenario('replay', scenario);
  const failure = runSchedule(options, { replay: token }, scenario);
  if (failure !== null) throw failure.error;
}
