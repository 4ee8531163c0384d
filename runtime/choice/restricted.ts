/** Another strategy that is asked only about some kinds of choice; the rest takes its usual course. */
import type { ChoiceKind } from '../../kernel/arch/arch.js';
import type { StepWatcher, Strategy } from './choice.js';

/**
 * `cpu`: which CPU, and which task on it, goes on; `irq`: when an armed interrupt comes, and which of several; `alloc`:
 * which allocation fails; `device`: what choose() answers, and random numbers; `timer`: which of the timers of one tick is
 * first; `settle`: whether the machine comes to rest before the command line's next step.
 */
export const EXPLORED_KINDS = ['cpu', 'irq', 'alloc', 'device', 'timer', 'settle'] as const;

export type ExploredKind = (typeof EXPLORED_KINDS)[number];

const KIND_OF: Readonly<Record<ChoiceKind, ExploredKind>> = { cpu: 'cpu', task: 'cpu', irq: 'irq', alloc: 'alloc', device: 'device', random: 'device', timer: 'timer', line: 'irq', late: 'irq', settle: 'settle' };

const NO_IRQS: readonly number[] = [];

export class Restricted implements Strategy {
  readonly name: string;
  readonly clockless = true;
  readonly everywhere = true;
  readonly skipsLonePoints: boolean;
  readonly watcher: StepWatcher | null;
  readonly faults: boolean;
  private readonly inner: Strategy;
  private readonly kinds: ReadonlySet<ExploredKind>;
  /** Takes the kinds of which there was a choice that was not explored. */
  private readonly leftOut: Set<ExploredKind>;
  private readonly alone: number[] = [0];

  constructor(inner: Strategy, kinds: ReadonlySet<ExploredKind>, leftOut: Set<ExploredKind>) {
    this.inner = inner;
    this.kinds = kinds;
    this.leftOut = leftOut;
    this.name = inner.name;
    this.skipsLonePoints = inner.skipsLonePoints ?? false;
    this.watcher = inner.watcher ?? null;
    this.faults = inner.faults === true && kinds.has('alloc');
  }

  pick(kind: ChoiceKind, n: number): number {
    const explored = KIND_OF[kind];
    if (this.kinds.has(explored)) return this.inner.pick(kind, n);
    // That an interrupt which is pending is not put off is nobody's choice.
    if (kind !== 'irq') this.leftOut.add(explored);
    return 0;
  }

  gap(): number {
    return 0;
  }

  preempt(n: number, cpus: readonly number[], irqs: readonly number[], step: number, address: number): number {
    const interrupts = this.kinds.has('irq') ? irqs : NO_IRQS;
    if (interrupts.length < irqs.length) this.leftOut.add('irq');
    if (cpus.length > 1 && !this.kinds.has('cpu')) this.leftOut.add('cpu');
    this.alone[0] = cpus[0]!;
    const offered = this.kinds.has('cpu') ? cpus : this.alone;
    const ways = offered.length + interrupts.length;
    if (ways < 2) return 0;
    const way = this.inner.preempt(ways, offered, interrupts, step, address);
    return way < offered.length ? way : n - interrupts.length + way - offered.length;
  }
}
