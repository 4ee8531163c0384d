/** What must hold at every point of an explored run. */
import { FRAME, pc, SITE } from '../../kernel/arch/callstack.js';
import { type Cpu, FUEL_MAX_NS } from '../../kernel/arch/cpu.js';
import { shown } from '../../kernel/lib/shown.js';
import { AssertionFailure, MachineError } from './errors.js';
import { askHost } from './host_code.js';

export class Invariants {
  private readonly all: { readonly holds: () => boolean; readonly text: string }[] = [];

  add(holds: () => boolean, text: string): void {
    this.all.push({ holds, text });
  }

  get some(): boolean {
    return this.all.length > 0;
  }

  /** Looks at them in the middle of the CPU's code. Returns why one does not hold, or null. */
  check(cpu: Cpu): { readonly error: unknown } | null {
    const { fuel, horizon } = cpu;
    const frame = pc[FRAME]!;
    const site = pc[SITE]!;
    // Looking takes no time, and nothing may come in between: it has no preemption points of its own.
    cpu.horizon = horizon - fuel + FUEL_MAX_NS;
    cpu.fuel = FUEL_MAX_NS;
    try {
      for (const { holds, text } of this.all) {
        const held: unknown = askHost(holds);
        if (held === false) return { error: new AssertionFailure(text) };
        // A promise, say, would hold whatever becomes of it.
        if (held !== true) return { error: new MachineError(`invariant(): '${text}' must be true or false, got ${shown(held)}`) };
      }
      return null;
    } catch (error) {
      return { error };
    } finally {
      pc[FRAME] = frame;
      pc[SITE] = site;
      cpu.horizon = horizon;
      cpu.fuel = fuel;
    }
  }
}
