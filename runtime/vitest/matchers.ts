/** The matchers. Their messages show what the kernel said: that is what the reader of a failed test needs. */
import type { MatcherResult, MatcherState } from 'vitest';
import type { ReportRecord } from '../../kernel/debug/report.js';
import * as errnos from '../../kernel/include/linux/errno.js';
import { MachineError } from '../machine/errors.js';
import { noteMatched } from '../machine/expected_reports.js';
import { Machine } from '../machine/machine.js';
import { describeObserved, observe, warningsOf, type Observed } from './observe.js';
import { describePattern, matches, type Pattern } from '../machine/pattern.js';

/** What `expect` can say of a machine, and of a function that runs one. */
export interface KernelMatchers {
  /** `expect(() => machine.insmod(path))`: the kernel panics, and the pattern occurs in what it printed. */
  toPanic(pattern?: Pattern): void;
  /** An exception in module code kills a task or, in interrupt context, ends in a panic. */
  toOops(pattern?: Pattern): void;
  /** The kernel reports something and goes on. */
  toWarn(pattern?: Pattern): void;
  /** The kernel refuses: a call that returns a negative errno, named as `EBUSY`. */
  toFailWith(errno: string): void;
  /** `expect(machine)`: it has reported something and gone on. */
  toHaveWarned(pattern?: Pattern): void;
  /** The pattern occurs in a line of the log; or, where it has several lines, in the log. */
  toHaveLogged(pattern: Pattern): void;
  /** No memory, interrupt line, timer or lock is left behind, and the kernel has reported nothing that nobody expected. */
  toBeClean(): void;
}

declare module 'vitest' {
  // Declarations that merge have the same parameters, used or not.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type
  interface Matchers<T> extends KernelMatchers {}
}

/** The reports of tasks that were killed: of exceptions, and of what the task was killed for in their place. */
function oopsesOf({ reports, killed }: Observed): readonly ReportRecord[] {
  const oopses = reports.filter(({ rule }) => rule === 'oops');
  return oopses.length === 0 && killed !== null ? reports.filter(({ text }) => text === killed.report) : oopses;
}

function call(matcher: string, received: unknown): Observed {
  if (typeof received === 'function') return observe(received as () => unknown);
  throw new MachineError(`${matcher}() wants a function that lets the machine run: expect(() => machine.insmod(path)).${matcher}()`);
}

function machineOf(matcher: string, received: unknown): Machine {
  if (received instanceof Machine) return received;
  throw new MachineError(`${matcher}() wants a machine: expect(machine).${matcher}()`);
}

function like(pattern: Pattern | undefined): string {
  return pattern === undefined ? '' : ` with ${describePattern(pattern)}`;
}

/** A result whose message reads `expected [no ]WHAT, but HAPPENED`. */
function result(pass: boolean, expected: string, happened: () => string): MatcherResult {
  return { pass, message: () => `expected ${pass ? 'no ' : ''}${expected}, but ${happened()}` };
}

/** The result of a call. With `.not` another failure than the one in question is not passed over: it is thrown. */
function resultOf({ isNot }: MatcherState, observed: Observed, pass: boolean, expected: string): MatcherResult {
  if (isNot && !pass && observed.error !== null) throw observed.error;
  return result(pass, expected, () => describeObserved(observed));
}

const matching = (reports: readonly ReportRecord[], pattern: Pattern | undefined): readonly ReportRecord[] =>
  reports.filter(({ text }) => pattern === undefined || matches(text, pattern));

/** Whether there are any. The test has asked for them, unless it wants none: they are no failure at its end. */
function found({ isNot }: MatcherState, reports: readonly ReportRecord[]): boolean {
  if (!isNot) noteMatched(reports);
  return reports.length > 0;
}

export const matchers = {
  toPanic(this: MatcherState, received: unknown, pattern?: Pattern): MatcherResult {
    const observed = call('toPanic', received);
    const { panic, reports } = observed;
    const pass = panic !== null && (pattern === undefined || matches(panic.report, pattern));
    // Whatever the pattern matched, the last report is the panic's.
    if (pass) found(this, [...matching(reports, pattern), ...reports.slice(-1)]);
    return resultOf(this, observed, pass, `kernel panic${like(pattern)}`);
  },

  toOops(this: MatcherState, received: unknown, pattern?: Pattern): MatcherResult {
    const observed = call('toOops', received);
    return resultOf(this, observed, found(this, matching(oopsesOf(observed), pattern)), `oops${like(pattern)}`);
  },

  toWarn(this: MatcherState, received: unknown, pattern?: Pattern): MatcherResult {
    const observed = call('toWarn', received);
    const pass = observed.panic === null && found(this, matching(warningsOf(observed.reports), pattern));
    return resultOf(this, observed, pass, `warning${like(pattern)}`);
  },

  toFailWith(this: MatcherState, received: unknown, errno: string): MatcherResult {
    if (!Object.hasOwn(errnos, errno)) throw new MachineError(`toFailWith(): there is no errno '${errno}'`);
    const observed = call('toFailWith', received);
    const pass = observed.refused?.errno === -errnos[errno as keyof typeof errnos];
    return resultOf(this, observed, pass, `failure with ${errno}`);
  },

  toHaveWarned(this: MatcherState, received: unknown, pattern?: Pattern): MatcherResult {
    const { reports } = machineOf('toHaveWarned', received).kernel;
    return result(found(this, matching(warningsOf(reports), pattern)), `warning${like(pattern)}`, () =>
      reports.length === 0 ? 'the kernel has reported nothing' : `the kernel has reported:\n\n${reports.map(({ text }) => text).join('\n\n')}`,
    );
  },

  toHaveLogged(received: unknown, pattern: Pattern): MatcherResult {
    const lines = machineOf('toHaveLogged', received).log();
    const pass = lines.some((line) => matches(line, pattern)) || matches(lines.join('\n'), pattern);
    return result(pass, `line${like(pattern)} in the log`, () => (lines.length === 0 ? 'the log is empty' : `the log is:\n\n${lines.join('\n')}`));
  },

  toBeClean(received: unknown): MatcherResult {
    const machine = machineOf('toBeClean', received);
    const left = machine.leftovers();
    const reports = machine.unseenReports();
    const found = [
      ...(left.length === 0 ? [] : [`this is left behind:\n\n${left.map(({ kind, text }) => `  ${kind}: ${text}`).join('\n')}`]),
      ...(reports.length === 0 ? [] : [`the kernel has reported what nobody expected:\n\n${reports.map(({ text }) => text).join('\n\n')}`]),
    ];
    return {
      pass: found.length === 0,
      message: () =>
        found.length === 0
          ? 'expected modules to have left something behind, or a report that nobody expected, but the machine is clean'
          : `expected a clean machine, but ${found.join('\n\nand ')}`,
    };
  },
};
