/** Runs programs against modules, each on a fresh machine, guided by what code they come to. */
import { said_by } from '../../kernel/lib/shown.js';
import { InternalError } from '../../kernel/debug/internal_error.js';
import { OutsideMachineError } from '../../kernel/arch/cpu.js';
import type { Strategy } from '../choice/choice.js';
import { Random } from '../choice/random.js';
import { EXPLORED_KINDS } from '../choice/restricted.js';
import type { Told } from '../choice/sparse.js';
import { ReplayError } from '../choice/token.js';
import { count } from '../explore/errors.js';
import { expectShortLives } from '../explore/heap.js';
import { type MachineOptions, Subject } from '../explore/schedule.js';
import { LoadError } from '../loader/index.js';
import { MachineError } from '../machine/errors.js';
import { Constants } from './constants.js';
import { Corpus } from './corpus.js';
import { keepProgram, readCorpus, type StoredCorpus } from './corpus_folder.js';
import { Coverage } from './coverage.js';
import { type Fault, faultFrom } from './crash.js';
import { FuzzError } from './errors.js';
import { fits } from './fits.js';
import { Generator } from './generate.js';
import { type How, minimise, type Reproduction, type Runs } from './minimise.js';
import { type FuzzLimits, type FuzzOptions, type FuzzTold, readFuzzOptions } from './options.js';
import { PlainTime } from './plain_time.js';
import { type Act, Player, type Surface, surfaceOf } from './play.js';
import { CALM, type Draw, type Program } from './program.js';
import { reproducer } from './reproducer.js';
import { type Counts, type Crash, type Found, type Fuzzing, type FuzzNews, withClaim } from './shown.js';
import { type Argument, checkTarget, type FuzzTarget, type Target } from './target.js';
import { decided, drawn, TooLong } from './watched.js';

/** Programs that a target is given to have its modules loaded once. */
const LOAD_TRIES = 200;

/** A worker's own: those of one seed are not those of another. */
function seedOf(seed: number, worker: number): number {
  const random = new Random(seed);
  let own = seed;
  for (let i = 0; i < worker; i++) own = random.u32();
  return own;
}

/** Fuzzing that is under way. */
export class Fuzzer implements Runs {
  private readonly limits: FuzzLimits;
  private readonly machine: MachineOptions;
  private readonly target: Target;
  private readonly subject: Subject;
  private readonly surface: Surface;
  private readonly coverage: Coverage;
  private readonly corpus = new Corpus();
  private readonly generator: Generator;
  private readonly started = performance.now();
  private readonly known = new Map<string, Crash>();
  private readonly stored: StoredCorpus;
  private stored_at = 0;
  /** What is counted of the stored programs, of several workers that all run them, by one. */
  private readonly worker: number;
  /** Programs that were run, stored ones and others. */
  runs = 0;
  private executions = 0;
  private replayed = 0;
  private unfit: number;
  private crashed = 0;
  private long = 0;
  /** What takeNews() has not told. */
  private news: { corpus: Program[]; written: string[]; found: Found[] } = { corpus: [], written: [], found: [] };
  private written = 0;
  /** Some program has come to other code than loading does. */
  private varied = false;

  /** Of the run that is under way. */
  private program: Program = { steps: [], draw: CALM };
  private acts: Act[] = [];

  /** Each `worker`, from 0, draws other programs. */
  constructor({ limits, machine }: FuzzTold, target: Target, stored: StoredCorpus, worker: number) {
    expectShortLives();
    this.limits = limits;
    this.machine = machine;
    this.target = target;
    this.stored = stored;
    this.unfit = stored.foreign;
    this.worker = worker;
    this.surface = surfaceOf(this.target);
    const constants = new Constants();
    this.coverage = new Coverage(this.names, constants);
    this.generator = new Generator(new Random(seedOf(limits.seed, worker)), this.target, this.surface, constants, limits.steps);
    this.subject = new Subject(machine, (booted) => {
      new Player(this.target, booted, this.surface, this.acts).play(this.program);
    }, 0, EXPLORED_KINDS);
  }

  private get names(): readonly string[] {
    return this.target.modules.map(({ name }) => name);
  }

  /** Runs one program more. Returns false where that would be too many. */
  step(): boolean {
    if (performance.now() - this.started >= this.limits.milliseconds) return false;
    const stored = this.nextStored();
    if (stored !== null) {
      this.try(stored, true);
      return true;
    }
    if (this.executions >= this.limits.executions) return false;
    // The first one shows what there is to call.
    const program = this.executions === 0 ? { steps: this.generator.loads(), draw: CALM } : this.generator.next(this.limits.guided ? this.corpus : null);
    this.executions++;
    this.try(program, false);
    if (this.executions === 1 || this.executions === LOAD_TRIES) this.checkSurface(this.executions === LOAD_TRIES);
    return true;
  }

  /** Before the modules have been loaded nobody knows what fits them. */
  private nextStored(): Program | null {
    if (!this.surface.loaded) return null;
    while (this.stored_at < this.stored.programs.length) {
      const program = this.stored.programs[this.stored_at++]!;
      if (fits(program, this.surface)) return program;
      this.unfit++;
    }
    return null;
  }

  private try(program: Program, stored: boolean): void {
    this.runs++;
    if (stored) this.replayed++;
    this.coverage.start();
    const strategy = drawn(program.draw, this.coverage, this.limits.points);
    const fault = this.play(program, strategy);
    const counts = stored && this.worker > 0 ? 0 : 1;
    if (fault === 'long') this.long += counts;
    else if (fault !== null) {
      this.crashed += counts;
      this.crash(program, strategy, fault, stored ? 0 : this.executions);
    } else {
      this.generator.longest = Math.max(this.generator.longest, strategy.asked);
      const { edges, counts: others } = this.coverage.keep();
      if (this.runs > 1 && edges > 0) this.varied = true;
      if (edges + others > 0) this.keep(program, edges, stored);
    }
  }

  private keep(program: Program, edges: number, stored: boolean): void {
    this.corpus.add(program, edges);
    this.news.corpus.push(program);
    if (this.limits.corpus === null || stored) return;
    const name = keepProgram(this.limits.corpus, this.target, program, this.stored);
    if (name === null) return;
    this.news.written.push(name);
    this.written++;
  }

  private play(program: Program, strategy: Strategy): Fault | 'long' | null {
    this.program = program;
    this.acts = [];
    const failure = this.subject.run(strategy);
    if (failure === null) return null;
    const { error } = failure;
    if (error instanceof TooLong) return 'long';
    // None of these is the modules' doing.
    for (const kind of [MachineError, LoadError, ReplayError, InternalError, OutsideMachineError, FuzzError]) if (error instanceof kind) throw error;
    return faultFrom(failure);
  }

  private crash(program: Program, strategy: Told, fault: Fault, number: number): void {
    if (this.known.has(fault.key)) return;
    const found = this.run(program, strategy.decisions);
    if (found?.fault.key !== fault.key) {
      throw new FuzzError(
        `the calls are not repeatable: the same program first ended with\n  ${fault.headline}\nand then ${found === null ? 'passed' : `with\n  ${found.fault.headline}`}\n` +
          'They depend on something that the machine does not own: Date, Math.random(), a variable that outlives the program.',
        { cause: fault.error },
      );
    }
    const least = minimise(this, found);
    const { headline, frames, error, token } = least.fault;
    const crash = {
      headline, frames, report: said_by(error), program: least.program,
      test: reproducer(this.target, this.machine, least), ...(least.how === 'time' ? {} : { token }), found: number,
    };
    this.known.set(fault.key, crash);
    this.news.found.push({ key: fault.key, at: this.runs, crash });
  }

  run(program: Program, how: How | Draw): Reproduction | null {
    const { points } = this.limits;
    if (how === 'time') return this.outcome(program, new PlainTime(points), () => 'time');
    const strategy = 'by' in how ? drawn(how, this.coverage, points) : decided(how, points);
    return this.outcome(program, strategy, () => strategy.decisions);
  }

  private outcome(program: Program, strategy: Strategy, how: () => How): Reproduction | null {
    const fault = this.play(program, strategy);
    return fault === null || fault === 'long' ? null : { program, how: how(), fault, acts: this.acts };
  }

  arguments(name: string): readonly Argument[] {
    return this.surface.calls.get(name)!;
  }

  /** Throws a FuzzError where nothing can come of it. */
  private checkSurface(final: boolean): void {
    const names = this.names.join(' and ');
    if (this.known.size > 0) return;
    if (!this.surface.loaded) {
      if (!final) return;
      const refused = this.acts.findLast((act) => act.step !== 'calls' && act.step.kind === 'load');
      const why = refused !== undefined && refused.step !== 'calls' && refused.refused !== null ? `, the last time with ${refused.refused}` : '';
      throw new FuzzError(`nothing to fuzz: in ${count(this.executions, 'program')} ${names} was never loaded${this.long === this.executions ? ', for each was cut short' : why}`);
    }
    const { calls, irqs, params } = this.surface;
    const isOpen = calls.size > 0 || irqs.size > 0 || [...params.values()].some((free) => free.length > 0);
    // Failing allocations, time and schedules reach what nothing else does: whether they have is known after some programs.
    if (isOpen || this.varied || !final) return;
    throw new FuzzError(
      `nothing to fuzz: ${names} exports no function, has requested no interrupt line and has no parameter that is free, and in ${count(this.executions, 'program')} ` +
        'no failing allocation, no time and no schedule made a difference. Describe its calls, or name lines',
    );
  }

  private get counts(): Counts {
    const { executions, replayed, unfit, crashed, long } = this;
    return { executions, replayed, unfit, crashed, long };
  }

  /** What has been shown since it was asked last. */
  takeNews(): FuzzNews {
    const { news, counts } = this;
    this.news = { corpus: [], written: [], found: [] };
    return { counts, edges: this.coverage.takeNews(), ...news };
  }

  /** There is a crash that takeNews() has not told. */
  get hasCrash(): boolean {
    return this.news.found.length > 0;
  }

  /** What has been shown so far. */
  get result(): Fuzzing {
    const { counts, coverage, corpus, limits, names, written } = this;
    return withClaim(limits, names, 1, { ...counts, edges: coverage.edges, corpus: corpus.programs, written, crashes: [...this.known.values()] });
  }

  /** The same at the end. Throws a FuzzError where it shows nothing. */
  finish(): Fuzzing {
    this.checkSurface(true);
    return this.result;
  }
}

/**
 * Runs programs, which are calls, interrupts, faults and time in some order, against a module or several. Returns what
 * went wrong, each kind once and as a test; throws a FuzzError where there is nothing to fuzz.
 */
export function fuzz(options: FuzzOptions, target: string | FuzzTarget): Fuzzing {
  const told = readFuzzOptions(options);
  const checked = checkTarget(target);
  const fuzzer = new Fuzzer(told, checked, readCorpus(told.limits.corpus, checked), 0);
  while (fuzzer.step());
  return fuzzer.finish();
}
