/** What the kernel did while a function of the test ran. */
import { kernel } from '../../kernel/current.js';
import type { ReportRecord } from '../../kernel/debug/report.js';
import type { Kernel } from '../../kernel/kernel.js';
import { KernelError, KernelOops, KernelPanic } from '../machine/errors.js';

export interface Observed {
  readonly panic: KernelPanic | null;
  /** A task that the function waited for was killed. */
  readonly killed: KernelOops | null;
  /** The kernel refused. */
  readonly refused: KernelError | null;
  /** Whichever of the three it was. */
  readonly error: KernelPanic | KernelOops | KernelError | null;
  /** Reports made meanwhile, in order; the one that led to a panic among them. */
  readonly reports: readonly ReportRecord[];
}

/** Calls `fn`. What it throws that is not the kernel's, a failed assertion for one, passes through. */
export function observe(fn: () => unknown): Observed {
  // There is none before the first boot.
  const before = kernel as Kernel | undefined;
  const seen = before?.reports.length ?? 0;
  let error: Observed['error'] = null;
  try {
    fn();
  } catch (thrown) {
    if (!(thrown instanceof KernelPanic || thrown instanceof KernelOops || thrown instanceof KernelError)) throw thrown;
    error = thrown;
  }
  const after = kernel as Kernel | undefined;
  return {
    panic: error instanceof KernelPanic ? error : null,
    killed: error instanceof KernelOops ? error : null,
    refused: error instanceof KernelError ? error : null,
    error,
    reports: after?.reports.slice(after === before ? seen : 0) ?? [],
  };
}

/** The reports after which the machine goes on, an oops apart: it is no warning. */
export function warningsOf(reports: readonly ReportRecord[]): readonly ReportRecord[] {
  return reports.filter(({ rule }) => rule !== 'oops' && kernel.rules[rule] !== 'panic');
}

/** All that happened, for a message. */
export function describeObserved({ panic, killed, refused, reports }: Observed): string {
  if (panic !== null) return `the kernel panicked:\n\n${panic.report}`;
  const said = reports.map(({ text }) => text).join('\n\n');
  if (killed !== null) return `${killed.message.split('\n', 1)[0]!}\n\n${said}`;
  const result = refused === null ? 'it returned' : `it was refused: ${refused.message}`;
  return said === '' ? `${result}, and the kernel reported nothing` : `${result}, and the kernel reported:\n\n${said}`;
}
