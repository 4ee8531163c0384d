/**
 * Preemption points: the places where the outside world can come in.
 *
 * A point lets virtual time pass. When the CPU's fuel is used up the machine looks around: events that are due
 * happen, pending interrupts are delivered on this stack, and the baton may go to another CPU. Between two points
 * kernel code is one indivisible step.
 */
import { pc, SITE } from './callstack.js';
import { this_cpu } from './cpu.js';

// Not exported under these names: V8 folds a module's own constant, and loads and checks an exported one at each use.
const POINT_COST = 40;
const STATEMENT_COST = 20;
const SITE_WORD = SITE;
const CALL = 0;
const LOCK = -0x1_0000;
const WITHIN = LOCK - 3;

/** What a kernel call or a checked memory access costs, in ns of virtual time. */
export const POINT_NS = POINT_COST;
/** What a statement of a module costs, in ns of virtual time. */
export const STATEMENT_NS = STATEMENT_COST;

/**
 * The step that a point stands before, as a number: the site of a statement, or STEP_CALL for a kernel call of which
 * nothing is known, or below it one that touches what is at an address.
 */
export const STEP_CALL = CALL;

/** The object at the address is given back. */
export const STEP_FREE = -1;

/** The lock at the address is taken, left or looked at; of the rest of the kernel no more than who runs next. */
export const STEP_LOCK = LOCK;

/** An interrupt is taken. */
export const STEP_IRQ = LOCK - 1;

/** Whatever it is, somebody looks at what lies before it. */
export const STEP_SEEN = LOCK - 2;

/** A statement goes on between two of its accesses to what others may touch: it has read, and writes next, for one. */
export const STEP_WITHIN = WITHIN;

/** An access of `size` bytes, 1 at least. */
export function step_of_access(size: number, writes: boolean): number {
  return -(2 * size + Number(writes));
}

export function is_access(step: number): boolean {
  return step < STEP_FREE && step > STEP_LOCK;
}

export function size_of_access(step: number): number {
  return -step >> 1;
}

export function is_write(step: number): boolean {
  return (-step & 1) !== 0;
}

/** A kernel call begins. */
export function point(): void {
  const cpu = this_cpu;
  if ((cpu.fuel -= POINT_COST) < 0) cpu.look_around(CALL, 0);
}

/** A call begins that takes, leaves or looks at a lock. */
export function lock_point(address: number): void {
  const cpu = this_cpu;
  if ((cpu.fuel -= POINT_COST) < 0) cpu.look_around(LOCK, address);
}

/** An access to memory at `address` begins; `step` says of what kind. */
export function access_point(address: number, step: number): void {
  const cpu = this_cpu;
  if ((cpu.fuel -= POINT_COST) < 0) cpu.look_around(step, address);
}

/** A statement of a module begins; `site` is its number. */
export function statement(site: number): void {
  pc[SITE_WORD] = site;
  const cpu = this_cpu;
  if ((cpu.fuel -= STATEMENT_COST) < 0) cpu.look_around(site, 0);
}

/** A point within a statement, behind what the value was made of. It costs as much as one before a statement. Returns the value. */
export function within<T>(value?: T): T | undefined {
  const cpu = this_cpu;
  if ((cpu.fuel -= STATEMENT_COST) < 0) cpu.look_around(WITHIN, 0);
  return value;
}

/** What `++` writes, with a point between reading the value and writing. It may be a bigint, or anything that becomes a number. */
export function increment(value: number): number {
  let next = value;
  next++;
  const cpu = this_cpu;
  if ((cpu.fuel -= STATEMENT_COST) < 0) cpu.look_around(WITHIN, 0);
  return next;
}

/** The same of `--`. */
export function decrement(value: number): number {
  let next = value;
  next--;
  const cpu = this_cpu;
  if ((cpu.fuel -= STATEMENT_COST) < 0) cpu.look_around(WITHIN, 0);
  return next;
}
