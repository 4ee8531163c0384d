/**
 * Preemption points: the places where the outside world can come in.
 *
 * A point lets virtual time pass. When the CPU's fuel is used up the machine looks around: events that are due
 * happen, pending interrupts are delivered on this stack, and the baton may go to another CPU. Between two points
 * kernel code is one indivisible step.
 */
import { pc, SITE } from './callstack.js';
import { this_cpu } from './cpu.js';
import { SITE_NONE } from './site.js';

// Not exported under these names: V8 folds a module's own constant, and loads and checks an exported one at each use.
const POINT_COST = 40;
const STATEMENT_COST = 20;
const SITE_WORD = SITE;
const NO_STATEMENT = SITE_NONE;

/** What a kernel call or a checked memory access costs, in ns of virtual time. */
export const POINT_NS = POINT_COST;
/** What a statement of a module costs, in ns of virtual time. */
export const STATEMENT_NS = STATEMENT_COST;

/** A kernel call or a memory access begins. */
export function point(): void {
  const cpu = this_cpu;
  if ((cpu.fuel -= POINT_COST) < 0) cpu.look_around(NO_STATEMENT);
}

/** A statement of a module begins; `site` is its number. */
export function statement(site: number): void {
  pc[SITE_WORD] = site;
  const cpu = this_cpu;
  if ((cpu.fuel -= STATEMENT_COST) < 0) cpu.look_around(site);
}
