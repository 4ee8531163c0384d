/** A strategy of the host's own: what it is asked is asked outside the machine. */
import type { ChoiceKind } from '../../kernel/arch/arch.js';
import { askHost } from '../machine/host_code.js';
import type { StepWatcher, Strategy } from './choice.js';

export class HostStrategy implements Strategy {
  readonly name: string;
  readonly watcher: StepWatcher | null;
  readonly clockless: boolean;
  readonly skipsLonePoints: boolean;
  readonly faults: boolean;
  private readonly inner: Strategy;

  constructor(inner: Strategy) {
    this.inner = inner;
    this.name = inner.name;
    this.watcher = inner.watcher ?? null;
    this.clockless = inner.clockless ?? false;
    this.skipsLonePoints = inner.skipsLonePoints ?? false;
    this.faults = inner.faults ?? false;
  }

  pick(kind: ChoiceKind, n: number): number {
    return askHost(() => this.inner.pick(kind, n));
  }

  gap(): number {
    return askHost(() => this.inner.gap());
  }

  preempt(n: number, cpus: readonly number[], irqs: readonly number[], step: number, address: number): number {
    return askHost(() => this.inner.preempt(n, cpus, irqs, step, address));
  }
}
