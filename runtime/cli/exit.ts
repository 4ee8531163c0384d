/** Exit codes, and how an outcome becomes one. */
import type { Outcome } from '../supervisor/job.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage.js';

export const EXIT_CLEAN = 0;
/** A module is at fault. */
export const EXIT_FAULT = 1;
export const EXIT_USAGE = 2;
/** ringzero is at fault. */
export const EXIT_INTERNAL = 3;
/** What ran could not have shown anything: nobody is at fault, and nothing is known. */
export const EXIT_NOTHING = 4;
/** As a shell has it: 128 and the signal's number. */
export const EXIT_INTERRUPTED = 130;

/** Says why a run has no result. Returns null for an outcome that has one: a run that ended, a panic, a schedule that failed. */
export function explainFailure(outcome: Outcome, timeout_s: number, terminal: Terminal): number | null {
  switch (outcome.kind) {
    case 'done':
    case 'modinfo':
    case 'panic':
    case 'explored':
    case 'failed':
    case 'replayed':
    case 'fuzzed':
      return null;
    case 'oops':
      terminal.err(`ringzero: ${outcome.headline}`);
      return EXIT_FAULT;
    case 'refused':
    case 'unsound':
      terminal.err(`ringzero: ${outcome.message}`);
      return EXIT_FAULT;
    case 'nothing':
      terminal.err(`ringzero: ${outcome.message}`);
      return EXIT_NOTHING;
    case 'bad-module':
      terminal.err(outcome.message);
      return outcome.code === 'ENOENT' ? EXIT_USAGE : EXIT_FAULT;
    case 'bad-option':
      throw new UsageError(outcome.message);
    case 'lockup':
      terminal.err(
        `ringzero: the module ran for ${timeout_s} s without reaching a statement, a kernel call or a memory access,\n` +
          'and was ended. A single built-in function that takes so long, such as a regular expression, stops\n' +
          'its CPU: nothing can interrupt it. If it only needs more time: --timeout SECONDS',
      );
      return EXIT_FAULT;
    case 'overtime':
      terminal.err(`ringzero: a call into the machine took more than ${outcome.limit_s} s, and was ended\n${outcome.where.join('\n')}\nIf it only needs more time: --limit SECONDS`);
      return EXIT_FAULT;
    case 'out-of-memory':
      terminal.err(`ringzero: what the module's JavaScript keeps has filled the memory that there is for it\n${outcome.where.join('\n')}`);
      return EXIT_FAULT;
    case 'left':
      terminal.err(`ringzero: the module has called the host's process.exit(), and was ended\n${outcome.where.join('\n')}`);
      return EXIT_FAULT;
    case 'interrupted':
      terminal.err(`ringzero: interrupted\n${outcome.where.join('\n')}`);
      return EXIT_INTERRUPTED;
    case 'internal':
      terminal.err(`ringzero: internal error, not the module's fault: ${outcome.message}`);
      return EXIT_INTERNAL;
  }
}
