/** Interrupt lines that will be raised once each, at some point after somebody has requested them. */
import { kernel } from '../../kernel/current.js';

export class ArmedLines {
  private readonly lines: number[] = [];

  add(irq: number): void {
    this.lines.push(irq);
  }

  get some(): boolean {
    return this.lines.length > 0;
  }

  get all(): readonly number[] {
    return this.lines;
  }

  /** Those that somebody has requested: an interrupt that nobody hears changes nothing. */
  heard(): readonly number[] {
    const { lines } = this;
    return lines.length === 0 ? lines : lines.filter((irq) => (kernel.irq.descs[irq]?.actions.length ?? 0) > 0);
  }

  /** It is raised now, and not again. */
  remove(irq: number): void {
    this.lines.splice(this.lines.indexOf(irq), 1);
  }
}
