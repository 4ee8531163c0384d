/** One schedule: a fresh machine, the scenario, and how it ended. */
import { said_by, shown } from '../../kernel/lib/shown.js';
import type { Strategy } from '../choice/choice.js';
import { EXPLORED_KINDS, type ExploredKind, Restricted } from '../choice/restricted.js';
import { type Asked, type Decision, Sparse } from '../choice/sparse.js';
import { ReplayError } from '../choice/token.js';
import { KernelError, KernelOops, KernelPanic, KernelReport } from '../machine/errors.js';
import { Machine } from '../machine/machine.js';
import { FixedFiles } from '../machine/module_files.js';
import { type BootOptions, checkOptions, type Options } from '../machine/options.js';
import { AsyncScenario, checkReturned } from './arguments.js';
import { TooManyPoints } from './errors.js';
import type { Reader } from './report.js';
import { unite, type Unvaried } from './unvaried.js';

/** What is run again and again. It throws where something is wrong: an assertion, or the kernel's own report. */
export type Scenario = (machine: Machine) => void;

/** The options of the machine; how it chooses is the exploration's business. */
export type MachineOptions = Omit<BootOptions, 'strategy' | 'replay' | 'trace'>;

export interface Failure {
  /** What tells this failure from another: a headline, or an error's name and message. */
  readonly key: string;
  readonly error: unknown;
  readonly token: string;
}

/** Runs the scenario once. Returns null where it passed. */
export function runSchedule(options: MachineOptions, how: { strategy: Strategy } | { replay: string }, scenario: Scenario): Failure | null {
  return runOn(new Machine(checkOptions({ ...options, ...how })), scenario);
}

function runOn(machine: Machine, scenario: Scenario): Failure | null {
  try {
    checkReturned(scenario(machine));
    // A panic or an oops that the scenario has caught is a failure, too.
    const [first] = machine.unexpectedReports();
    if (first !== undefined) throw new KernelReport(first.headline.split('\n')[0]!, first === machine.kernel.reports[0] ? machine.report() : first.text);
    machine.checkReports();
    if (machine.beyondPoints) throw new TooManyPoints();
    if (machine.decisionsLeft > 0) {
      throw new ReplayError(`the replay token does not fit: the scenario has passed without coming to ${machine.decisionsLeft} of the decisions that were made in the recorded run. It is not the scenario of that run`);
    }
    return null;
  } catch (error) {
    if (error instanceof AsyncScenario) throw error;
    return { key: keyOf(error), error, token: machine.token() };
  } finally {
    machine.powerOff();
  }
}

/** A scenario and the machine for it: what a schedule is a schedule of. */
export class Subject {
  private readonly options: Options;
  private readonly scenario: Scenario;
  private readonly files = new FixedFiles();
  /** Allocations that fail in a schedule, at most. */
  readonly faults: number;
  /** Questions that a schedule's strategy is asked, at most. */
  private readonly points: number;
  /** Null: all of them. */
  private readonly kinds: ReadonlySet<ExploredKind> | null;
  private readonly leftOut = new Set<ExploredKind>();
  private sawTimers = false;
  private sawAllocations = false;
  /** Interrupts that were armed in the schedule that has run, and had not come at its end. */
  private armed: readonly number[] = [];
  /** Some schedule has run functions of the host's. */
  ranHostCode = false;

  constructor(machine: MachineOptions, scenario: Scenario, faults: number, kinds: readonly ExploredKind[], points = Infinity) {
    this.points = points;
    // Once: a schedule may take less time than its options' check.
    this.options = checkOptions(machine);
    this.scenario = scenario;
    this.faults = faults;
    this.kinds = kinds.length === EXPLORED_KINDS.length ? null : new Set(kinds);
  }

  run(told: Strategy): Failure | null {
    const strategy = this.kinds === null ? told : new Restricted(told, this.kinds, this.leftOut);
    const machine = new Machine(this.options, strategy, this.files, this.points);
    const failure = runOn(machine, this.scenario);
    this.ranHostCode ||= machine.ranHostCode;
    this.armed = machine.armedLines;
    this.sawTimers ||= machine.timersExpired;
    this.sawAllocations ||= machine.hasAllocated;
    return failure;
  }

  /** Why there was nothing to choose, and what to do about it; what has been done already is not said again. */
  whyAlone({ arm, tasks }: Pick<Reader, 'arm' | 'tasks'>): string {
    const { leftOut, armed, kinds } = this;
    if (kinds !== null && leftOut.size > 0) return `Only ${[...kinds].join(', ')} choices were explored, and there were ${[...leftOut].join(', ')} choices: explore these, too.`;
    const unheard = armed.map((irq) => `Interrupt ${irq} was armed, and never requested while it could have come. `).join('');
    const alone = this.options.cpus === 1 ? 'The machine has one CPU: give it two. ' : '';
    const interrupt = armed.length > 0 ? '' : `, or give the machine an interrupt that may come at any point, with ${arm}`;
    return `${unheard}${alone}${tasks.charAt(0).toUpperCase()}${tasks.slice(1)}${interrupt}.`;
  }

  /** What was there in some schedule, and the same in all. */
  get unvaried(): readonly Unvaried[] {
    const fails = this.faults > 0 && (this.kinds === null || this.kinds.has('alloc'));
    return unite([[...this.leftOut], this.sawTimers ? ['times'] : [], this.sawAllocations && !fails ? ['allocations'] : []]);
  }

  /** The strategy that makes these decisions and no other. */
  sparse(decisions: readonly Decision[], asks: Asked | null = null): Sparse {
    return new Sparse(decisions, this.faults > 0, asks);
  }

  rerun(decisions: readonly Decision[]): Failure | null {
    return this.run(this.sparse(decisions));
  }
}

/** The first line of what went wrong. */
export function headlineOf(error: unknown): string {
  if (error instanceof KernelPanic || error instanceof KernelOops || error instanceof KernelReport) return error.headline.split('\n')[0]!;
  return said_by(error).split('\n')[0]!;
}

/** Numbers and addresses of a message may differ between two schedules with the same fault. */
function keyOf(error: unknown): string {
  if (error instanceof KernelPanic || error instanceof KernelOops || error instanceof KernelReport) return mask(headlineOf(error));
  if (error instanceof KernelError) return error.message;
  if (error instanceof Error) return mask(`${error.name}: ${error.message.split('\n')[0]!}`);
  return shown(error);
}

function mask(text: string): string {
  return text.replace(/\b(0x)?[0-9a-f]{8}\b|\b\d+\b/g, '#');
}
