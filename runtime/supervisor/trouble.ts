/** What a campaign that did not come to its end says in a test. */
import type { Outcome } from './job.js';

/** `claim`: what is known by then. */
export function troubleOf(trouble: Outcome, timeout_s: number, claim: string): string {
  switch (trouble.kind) {
    case 'interrupted':
      return `interrupted; by then: ${claim}`;
    case 'lockup':
      return `the module ran for ${timeout_s} s without reaching a preemption point, and was ended:\n${trouble.report}`;
    case 'overtime':
      return `a call into the machine took more than ${trouble.limit_s} s of the host's time, and was ended\n${trouble.where.join('\n')}`;
    case 'out-of-memory':
      return `what the module's JavaScript keeps has filled the memory that there is for it\n${trouble.where.join('\n')}`;
    case 'left':
      return `the module has called the host's process.exit()\n${trouble.where.join('\n')}`;
    case 'unsound':
    case 'nothing':
    case 'bad-module':
    case 'bad-option':
    case 'refused':
      return trouble.message;
    case 'internal':
      return `internal error, not the module's fault: ${trouble.message}`;
    case 'panic':
    case 'oops':
      return trouble.headline;
    case 'done':
    case 'modinfo':
    case 'explored':
    case 'failed':
    case 'replayed':
    case 'fuzzed':
      throw new Error(`a campaign does not end as '${trouble.kind}'`);
  }
}
