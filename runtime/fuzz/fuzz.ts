/** Runs programs against modules, each on a fresh machine, guided by what code they come to. */
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
import { Coverage } from './coverage.js';
import { type Fault, faultFrom } from './crash.js';
import { FuzzError } from './errors.js';
import { Generator } from './generate.js';
import { type How, minimise, type Reproduction, type Runs } from './minimise.js';
import { type FuzzLimits, type FuzzOptions, readFuzzOptions } from './options.js';
import { PlainTime } from './plain_time.js';
import { type Act, Player, type Surface, surfaceOf } from './play.js';
import { CALM, type Draw, type Program } from './program.js';
import { reproducer } from './reproducer.js';
import { type Argument, checkTarget, type FuzzTarget, type Target } from './target.js';
import { decided, drawn, TooLong } from './watched.js';

export interface Crash {
  /** The first line of what went wrong. */
  readonly headline: string;
  /** The innermost frames of the modules' code, at most three. */
  readonly frames: readonly string[];
  /** What the kernel said, or the error's message. */
  readonly report: string;
  /** The minimised program. */
  readonly program: Program;
  /** A test in TypeScript that fails for as long as the bug is there. */
  readonly test: string;
  /** Its schedule, for replay(); not there where the machine's clocks lead to the crash by themselves. */
  readonly token?: string;
  /** Number of the program that found it, from 1. */
  readonly found: number;
}

/** What fuzzing has shown. */
export interface Fuzzing {
  /** Programs that were run. */
  readonly executions: number;
  /** Edges of the modules' code that programs which did not crash came to. */
  readonly edges: number;
  /** Programs that came to something new. */
  readonly corpus: readonly Program[];
  /** One of each kind. */
  readonly crashes: readonly Crash[];
  /** Programs that crashed. */
  readonly crashed: number;
  /** Programs that were cut short. */
  readonly long: number;
  /** The same in a sentence. */
  readonly claim: string;
}

/** Programs that a target is given to have its modules loaded once. */
const LOAD_TRIES = 200;

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
  private executions = 0;
  private crashed = 0;
  private long = 0;

  /** Of the run that is under way. */
  private program: Program = { steps: [], draw: CALM };
  private acts: Act[] = [];

  constructor(options: FuzzOptions, target: string | FuzzTarget) {
    const { limits, machine } = readFuzzOptions(options);
    expectShortLives();
    this.limits = limits;
    this.machine = machine;
    this.target = checkTarget(target);
    this.surface = surfaceOf(this.target);
    const constants = new Constants();
    this.coverage = new Coverage(this.target.modules.map(({ name }) => name), constants);
    this.generator = new Generator(new Random(limits.seed), this.target, this.surface, constants, limits.steps);
    this.subject = new Subject(machine, (booted) => {
      new Player(this.target, booted, this.surface, this.acts).play(this.program);
    }, 0, EXPLORED_KINDS);
  }

  /** Runs one program more. Returns false where that would be too many. */
  step(): boolean {
    if (this.executions >= this.limits.executions || performance.now() - this.started >= this.limits.milliseconds) return false;
    // The first one shows what there is to call.
    const program = this.executions === 0 ? { steps: this.generator.loads(), draw: CALM } : this.generator.next(this.limits.guided ? this.corpus : null);
    this.executions++;
    this.coverage.start();
    const strategy = drawn(program.draw, this.coverage, this.limits.points);
    const fault = this.play(program, strategy);
    if (fault === 'long') this.long++;
    else if (fault !== null) this.crash(program, strategy, fault);
    else {
      this.generator.longest = Math.max(this.generator.longest, strategy.asked);
      const { edges, counts } = this.coverage.keep();
      if (edges + counts > 0) this.corpus.add(program, edges);
    }
    if (this.executions === 1 || this.executions === LOAD_TRIES) this.checkSurface(this.executions === LOAD_TRIES);
    return true;
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

  private crash(program: Program, strategy: Told, fault: Fault): void {
    this.crashed++;
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
    this.known.set(fault.key, {
      headline, frames, report: error instanceof Error ? error.message : String(error), program: least.program,
      test: reproducer(this.target, this.machine, least), ...(least.how === 'time' ? {} : { token }), found: this.executions,
    });
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
    const names = this.target.modules.map(({ name }) => name).join(' and ');
    if (this.known.size > 0) return;
    if (!this.surface.loaded) {
      if (!final) return;
      const refused = this.acts.findLast((act) => act.step !== 'calls' && act.step.kind === 'load');
      const why = refused !== undefined && refused.step !== 'calls' && refused.refused !== null ? `, the last time with ${refused.refused}` : '';
      throw new FuzzError(`nothing to fuzz: in ${count(this.executions, 'program')} ${names} was never loaded${this.long === this.executions ? ', for each was cut short' : why}`);
    }
    const { calls, irqs, params } = this.surface;
    if (calls.size === 0 && irqs.size === 0 && [...params.values()].every((free) => free.length === 0)) {
      throw new FuzzError(`nothing to fuzz: ${names} exports no function, has requested no interrupt line and has no parameter that is free. Describe its calls, or name lines`);
    }
  }

  /** What has been shown so far. */
  get result(): Fuzzing {
    const { executions, crashed, long, coverage, corpus, limits } = this;
    const crashes = [...this.known.values()];
    const how = limits.guided ? 'guided by coverage' : 'each drawn by itself';
    const end = crashed === 0 ? 'none crashed' : `${crashed} crashed, in ${count(crashes.length, 'way')}`;
    const cut = long === 0 ? '' : `, ${long} cut short`;
    const claim = `${count(executions, 'program')} from seed ${limits.seed}, ${how}, came to ${count(coverage.edges, 'edge')} of ${this.target.modules.map(({ name }) => name).join(' and ')}: ${end}${cut}`;
    return { executions, edges: coverage.edges, corpus: corpus.programs, crashes, crashed, long, claim };
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
  const fuzzer = new Fuzzer(options, target);
  while (fuzzer.step());
  return fuzzer.finish();
}
