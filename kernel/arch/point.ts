/**
 * Preemption points: the places where the outside world can come in.
 *
 * A point lets virtual time pass. When the CPU's fuel is used up the machine looks around: events that are due
 * happen, pending interrupts are delivered on this stack, and the baton may go to another CPU. Between two points
 * kernel code is one indivisible step.
 */
import { pc, SITE } from './callstack.js';
import { this_cpu } from './cpu.js';

/** What a kernel call or a checked memory access costs, in ns of virtual time. */
export const POINT_NS = 10;
/** What a statement of a module costs, in ns of virtual time. */
export const STATEMENT_NS = 5;

/** A kernel call or a memory access begins. */
export function point(): void {
  const cpu = this_cpu;
  if ((cpu.fuel -= POINT_NS) < 0) cpu.look_around();
}

/** A statement of a module begins; `site` is its number. */
export function statement(site: number): void {
  pc[SITE] = site;
  const cpu = this_cpu;
  if ((cpu.fuel -= STATEMENT_NS) < 0) cpu.look_around();
}
