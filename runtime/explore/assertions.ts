/** What a scenario, or code that it runs in the machine, says to the exploration. */
import { shown } from '../../kernel/lib/shown.js';
import { arch } from '../../kernel/arch/arch.js';
import { AssertionFailure, MachineError } from '../machine/errors.js';
import { hasMachine } from '../machine/machine.js';

const WAYS_MAX = 1 << 16;

/** How often each assert_sometimes() held, while an exploration runs. */
export type Sometimes = Map<string, number>;

let sometimes: Sometimes | null = null;

/** What assert_sometimes() says goes here; returns where it went before. */
export function listen(to: Sometimes | null): Sometimes | null {
  const earlier = sometimes;
  sometimes = to;
  return earlier;
}

/**
 * A choice of the scenario's own: a number from 0 to n - 1, 0 being the usual one. An exploration tries them all; a
 * machine that runs by its clocks takes 0. Callable from the scenario and from code inside the machine.
 */
export function choose(n: number): number {
  if (!Number.isInteger(n) || n < 1 || n > WAYS_MAX) throw new MachineError(`choose(): the number of ways is an integer from 1 to ${WAYS_MAX}, got ${shown(n)}`);
  if (!hasMachine()) throw new MachineError('choose(): there is no machine; call it from a scenario, or from code that a machine runs');
  return n === 1 ? 0 : arch.choose('device', n);
}

/** Ends the run with an {@link AssertionFailure} where `condition` is false, wherever in the machine that is. */
export function assert_always(condition: boolean, text: string): void {
  if (condition) return;
  const error = new AssertionFailure(text);
  if (hasMachine()) arch.abandon(error);
  throw error;
}

/**
 * An exploration fails in which this was reached and `condition` never held, in no schedule: it has not come to what
 * it was to try.
 */
export function assert_sometimes(condition: boolean, text: string): void {
  if (sometimes !== null) sometimes.set(text, (sometimes.get(text) ?? 0) + +condition);
}
