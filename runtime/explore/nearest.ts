/** What a failing schedule differs in from the nearest one that passes. */
import { this_cpu } from '../../kernel/arch/cpu.js';
import type { Decision } from '../choice/sparse.js';
import { count } from './errors.js';
import type { Subject } from './schedule.js';
import { placeOf } from './timeline.js';

/** How far a decision is moved: in questions, in allocations, in ways. */
const STEPS_MAX = 8;
/** Runs that it may take. */
const RUNS_MAX = 500;

/** What a question was about, as far as it is the same one in another run. */
interface Event {
  readonly kind: 'change' | 'alloc' | 'choose' | 'free';
  /** A preemption or an interrupt: which; something that is chosen for nothing: what passes without it. */
  readonly what: string;
  /** Null where no line of the user's own source was running. */
  readonly where: string | null;
  /** Answers that it has. */
  readonly ways: number;
}

interface Run {
  readonly passes: boolean;
  /** Preemptions and interrupts that came, and allocations and choose(), whatever they were answered, by ordinal. */
  readonly events: ReadonlyMap<number, Event>;
}

/** A schedule next to another, and what it is to be asked where its decision is another one. */
interface Move {
  readonly decisions: readonly Decision[];
  readonly ordinal: number;
  /** What passes, where that question is `event`. */
  readonly text: (event: Event) => string;
}

/** `passes if the switch from CPU 0 to CPU 1 at driver.ts:12 comes 1 step later`, or null where no such move helps. */
export function nearestPassing(subject: Subject, decisions: readonly Decision[]): string | null {
  const { events } = run(subject, decisions);
  const without: (Run | undefined)[] = [];
  /** Without one of the decisions. */
  const runWithout = (i: number): Run => (without[i] ??= run(subject, decisions.filter((_, k) => k !== i)));
  let runs = 0;
  for (let steps = 1; steps <= STEPS_MAX; steps++) {
    for (const by of [steps, -steps]) {
      for (let i = decisions.length - 1; i >= 0; i--) {
        const event = events.get(decisions[i]!.ordinal);
        const move = event === undefined ? null : moveOf(event, decisions, i, by, runWithout);
        if (event === undefined || move === null) continue;
        if (runs++ === RUNS_MAX) return null;
        const other = run(subject, move.decisions);
        const there = other.events.get(move.ordinal);
        // The same answer at another point may mean something else.
        if (other.passes && there?.kind === event.kind && there.what === event.what) return `passes if ${move.text(there)}`;
      }
    }
  }
  for (const [i, { ordinal }] of decisions.entries()) {
    const event = events.get(ordinal);
    if (event?.kind === 'alloc' && runWithout(i).passes) return `passes if the allocation${at(event)} succeeds`;
    if (event?.kind === 'free' && runWithout(i).passes) return `passes if ${event.what}`;
  }
  return null;
}

/** The schedule with decision `i` moved `by` steps of its kind, or null where there is none. */
function moveOf(event: Event, decisions: readonly Decision[], i: number, by: number, runWithout: (i: number) => Run): Move | null {
  const { ordinal, way } = decisions[i]!;
  const distance = Math.abs(by);
  switch (event.kind) {
    case 'change':
      return movedTo(decisions, i, ordinal + by, () => `${event.what} at ${event.where ?? 'the start'} comes ${count(distance, 'step')} ${by > 0 ? 'later' : 'earlier'}`);
    case 'alloc': {
      // Where it does not fail others follow that are not there in the failing run.
      const allocations = [...runWithout(i).events].filter(([, { kind }]) => kind === 'alloc').map(([at]) => at);
      const to = allocations[allocations.indexOf(ordinal) + by];
      if (to === undefined) return null;
      return movedTo(decisions, i, to, (there) => `the allocation that fails is ${distance} ${by > 0 ? 'later' : 'earlier'},${at(there)} instead of${at(event)}`);
    }
    case 'free':
      return null;
    case 'choose': {
      const other = way + by;
      if (other < 0 || other >= event.ways) return null;
      const rest = decisions.flatMap((decision, k) => (k !== i ? [decision] : other === 0 ? [] : [{ ordinal, way: other }]));
      return { decisions: rest, ordinal, text: () => `${event.what}${at(event)} is ${other} instead of ${way}` };
    }
  }
}

function movedTo(decisions: readonly Decision[], i: number, to: number, text: Move['text']): Move | null {
  if (to <= (decisions[i - 1]?.ordinal ?? -1) || to >= (decisions[i + 1]?.ordinal ?? Infinity)) return null;
  return { decisions: decisions.map((decision, k) => (k === i ? { ordinal: to, way: decision.way } : decision)), ordinal: to, text };
}

function at({ where }: Event): string {
  return where === null ? '' : ` at ${where}`;
}

function run(subject: Subject, decisions: readonly Decision[]): Run {
  const strategy = subject.sparse(decisions);
  const events = new Map<number, Event>();
  let choices = 0;
  strategy.onChange = (ordinal, way, cpus, irqs) => {
    const here = `CPU ${this_cpu.id}`;
    const what = way < cpus.length ? `the switch from ${here} to CPU ${cpus[way]!}` : `irq ${irqs[way - cpus.length]!} on ${here}`;
    events.set(ordinal, { kind: 'change', what, where: placeOf()?.where ?? null, ways: 0 });
  };
  strategy.onPick = (kind, _way, ordinal, ways) => {
    const where = placeOf()?.where ?? null;
    if (kind === 'alloc') events.set(ordinal, { kind: 'alloc', what: '', where, ways });
    if (kind === 'late') events.set(ordinal, { kind: 'free', what: 'the interrupt comes before the timer', where, ways });
    if (kind === 'settle') events.set(ordinal, { kind: 'free', what: 'the machine settles before it goes on', where, ways });
    if (kind === 'device') events.set(ordinal, { kind: 'choose', what: `choose() number ${++choices}`, where, ways });
  };
  return { passes: subject.run(strategy) === null, events };
}
