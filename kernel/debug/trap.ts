/**
 * Errors of the language that are a processor's faults, where C has no exception to throw: they stop the task, or the
 * machine, at the place where they happen. No catch of the module sees them, and no code of it runs behind them. What a
 * module throws by itself is an exception, whatever it says.
 */
import { arch } from '../arch/arch.js';
import { FRAME, forget_throw, innermost, is_on_irq_stack, pc, remember_throw, restore_throw, SITE, throw_place } from '../arch/callstack.js';
import { site_of, SITE_NONE } from '../arch/site.js';
import { is_error } from '../lib/shown.js';
import { described } from './described.js';
import { divide_error, instruction_fetch_fault, page_fault, stack_overflow } from './fault.js';
import { InternalError } from './internal_error.js';

/** An exception leaves a function of a module. Returns it, to be thrown on, where it is one. Context: any. */
export function note_throw(error: unknown): unknown {
  const place = remember_throw(error);
  trap(error);
  // To look at a proxy may run code of the module's, which may throw.
  restore_throw(error, place);
  return error;
}

/** An exception comes to a catch clause of a module: returns where the clause is to have it. Context: any. */
export function note_catch(error: unknown): void {
  const place = remember_throw(error);
  trap(error);
  restore_throw(error, place);
  forget_throw(error);
}

/** Returns where the error is no fault. What is ringzero's own goes to the host. Context: any. */
export function trap(error: unknown): void {
  if (!is_error(error)) return;
  if (error instanceof InternalError) arch.abandon(error);
  // V8's own errors are of exactly these classes.
  const kind: unknown = Object.getPrototypeOf(error);
  if ((kind !== TypeError.prototype && kind !== RangeError.prototype) || is_thrown_by_hand(error)) return;
  const said = message_of(error);
  if (kind === RangeError.prototype) range_error(error, said);
  else type_error(error, said);
}

function range_error(error: Error, said: string): void {
  if (said === 'Division by zero') divide_error(described(error));
  if (said !== 'Maximum call stack size exceeded') return;
  // To tell of it takes some of what there is too little of: whoever called has more.
  if (!has_room()) throw error;
  stack_overflow(is_on_irq_stack(pc[FRAME]!), 'It is the stack of the host that has no more room: for a frame with very many variables, a call with very many arguments or an object of very many levels');
}

function type_error(error: Error, said: string): void {
  if (/^Cannot (?:read properties of null\b|destructure .* as it is null\.$)/.test(said)) page_fault(0, false, described(error));
  if (said.startsWith('Cannot set properties of null')) page_fault(0, true, described(error));
  if (!said.endsWith(' is not a function')) return;
  const address = /^-?\d+(?= is)/.exec(said);
  instruction_fetch_fault(address === null ? 0 : Number(address[0]), described(error));
}

/** The message of one that V8 made is text; nobody has to believe that it was V8. */
function message_of(error: Error): string {
  const own = Object.getOwnPropertyDescriptor(error, 'message');
  return typeof own?.value === 'string' ? own.value : '';
}

/** Whether the statement that it came out of is a `throw`. */
function is_thrown_by_hand(error: Error): boolean {
  const { frame, site } = throw_place(error) ?? { frame: pc[FRAME]!, site: pc[SITE]! };
  const place = innermost(frame, site);
  if (place === SITE_NONE) return false;
  return arch.source_line(place)?.startsWith('throw', site_of(place).column - 1) ?? false;
}

/** Frames that a report may take, and then some. */
const ROOM_FRAMES = 400;

/** Whether the host's stack goes on for some tens of kilobytes. */
function has_room(): boolean {
  try {
    return descend(ROOM_FRAMES) === 0;
  } catch {
    return false;
  }
}

function descend(frames: number): number {
  return frames === 0 ? 0 : descend(frames - 1);
}
