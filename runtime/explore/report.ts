/** What a failing schedule is reported as: repeated, made small, drawn. */
import { said_by } from '../../kernel/lib/shown.js';
import type { Decision } from '../choice/sparse.js';
import { count, ExplorationError, ExplorationFailure } from './errors.js';
import { minimise } from './minimise.js';
import { nearestPassing } from './nearest.js';
import { type Failure, headlineOf, type Subject } from './schedule.js';
import { timeline } from './timeline.js';

/** How a report tells its reader to run it again. */
export type Hint = (token: string) => string;

/** Whom a report is for. */
export interface Reader {
  readonly hint: Hint;
  /** How the scenario is given an interrupt that may come at any point, and how more than one task: `--arm IRQ`. */
  readonly arm: string;
  readonly tasks: string;
  /** Characters that a line has room for; 120 where nobody knows. */
  readonly columns?: number;
}

const COLUMNS = 120;
/** What found a schedule of an earlier exploration. */
export const KEPT = 'kept from an earlier run';
export const KEPT_BEFORE_EDIT = 'kept from before the modules changed';

/** `found`: the schedule's number, or 0 for one of an earlier exploration. `strategy` found it. */
export function explain(subject: Subject, decisions: readonly Decision[], first: Failure, found: number, strategy: string, { hint, columns = COLUMNS }: Reader): ExplorationFailure {
  const again = subject.rerun(decisions);
  if (again?.key !== first.key) {
    throw new ExplorationError(
      `the scenario is not repeatable: the same schedule first ended with\n  ${first.key}\nand then ${again === null ? 'passed' : `with\n  ${again.key}`}\n` +
        'It depends on something that the machine does not own: Date, Math.random(), a variable that outlives the scenario.',
      { cause: first.error },
    );
  }
  const { decisions: least, failure } = minimise(subject, decisions, first);
  const { error, token } = failure;
  const text = said_by(error);
  const headline = headlineOf(error);
  const nearest = nearestPassing(subject, least);
  const report = [
    headline,
    '',
    `${foundBy(found, strategy)}, with ${count(least.length, 'unusual decision')} after minimising (it had ${decisions.length}):`,
    '',
    timeline(subject, least, columns),
    '',
    ...(nearest === null ? [] : [nearest, '']),
    ...(text.includes('\n') ? [text, ''] : []),
    ...(text.includes(hint(token)) ? [] : [`replay: ${hint(token)}`]),
  ];
  return new ExplorationFailure(report.join('\n'), headline, token, found, strategy, least, error);
}

function foundBy(found: number, strategy: string): string {
  if (found > 0) return `found by schedule ${found} (${strategy})`;
  if (strategy === KEPT) return 'the schedule that failed the last time fails again';
  return 'the modules or their parameters have changed, and the decisions that failed the last time still fail';
}
