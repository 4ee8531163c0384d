/** What a failing schedule differs in from the nearest one that passes. */
import { this_cpu } from '../../kernel/arch/cpu.js';
import type { Decision } from '../choice/sparse.js';
import { count } from './errors.js';
import type { Subject } from './schedule.js';
import { placeOf } from './timeline.js';

/** How far a decision is moved, in questions. */
const STEPS_MAX = 8;
/** A schedule of more decisions than this is not a short story any more. */
const DECISIONS_MAX = 8;

/** A preemption or an interrupt, as far as it is the same one when it comes at another point. */
interface Event {
  readonly what: string;
  readonly where: string;
}

/** `passes if the switch from CPU 0 to CPU 1 at driver.ts:12 comes 1 step later`, or null where no such move helps. */
export function nearestPassing(subject: Subject, decisions: readonly Decision[]): string | null {
  if (decisions.length > DECISIONS_MAX) return null;
  const events = eventsOf(subject, decisions).events;
  for (let steps = 1; steps <= STEPS_MAX; steps++) {
    for (const by of [steps, -steps]) {
      for (let i = decisions.length - 1; i >= 0; i--) {
        const event = events.get(decisions[i]!.ordinal);
        const moved = move(decisions, i, by);
        if (event === undefined || moved === null) continue;
        const { passes, events: others } = eventsOf(subject, moved);
        // The same answer at another point may mean something else.
        if (!passes || others.get(moved[i]!.ordinal)?.what !== event.what) continue;
        return `passes if ${event.what} at ${event.where} comes ${count(steps, 'step')} ${by > 0 ? 'later' : 'earlier'}`;
      }
    }
  }
  return null;
}

function move(decisions: readonly Decision[], i: number, by: number): Decision[] | null {
  const { ordinal, way } = decisions[i]!;
  const to = ordinal + by;
  if (to <= (decisions[i - 1]?.ordinal ?? -1) || to >= (decisions[i + 1]?.ordinal ?? Infinity)) return null;
  return decisions.map((decision, k) => (k === i ? { ordinal: to, way } : decision));
}

/** Runs the schedule. Its preemptions and interrupts, by ordinal. */
function eventsOf(subject: Subject, decisions: readonly Decision[]): { readonly passes: boolean; readonly events: ReadonlyMap<number, Event> } {
  const strategy = subject.sparse(decisions);
  const events = new Map<number, Event>();
  strategy.onChange = (ordinal, way, cpus, irqs) => {
    const place = placeOf();
    const here = `CPU ${this_cpu.id}`;
    const what = way < cpus.length ? `the switch from ${here} to CPU ${cpus[way]!}` : `irq ${irqs[way - cpus.length]!} on ${here}`;
    events.set(ordinal, { what, where: place === null ? 'the start' : place.where });
  };
  return { passes: subject.run(strategy) === null, events };
}
