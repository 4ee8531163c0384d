/** Follows include/asm-generic/bug.h. */
import { pc, SITE } from '../../arch/callstack.js';
import { this_cpu } from '../../arch/cpu.js';
import { point } from '../../arch/point.js';
import { kernel } from '../../current.js';
import { kernel_bug } from '../../debug/fault.js';
import { panic as stop, report } from '../../debug/report.js';
import { vsprintf } from '../../lib/vsprintf.js';
import { caller_line, caller_place } from '../../locking/caller_place.js';
import { format_env } from '../../printk/format_env.js';

/** True where the condition of a C macro would be: not 0, null, false or undefined. */
function holds(condition: unknown): boolean {
  return condition !== 0 && condition !== false && condition !== null && condition !== undefined;
}

/** Reports when the condition holds, and returns whether it does. Context: any. */
export function WARN_ON(condition: unknown): boolean {
  point();
  if (!holds(condition)) return false;
  report('warn', `WARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at ${caller_place()}`);
  return true;
}

/** WARN_ON() with words of one's own. Context: any. */
export function WARN(condition: unknown, fmt: string, ...args: unknown[]): boolean {
  point();
  if (!holds(condition)) return false;
  const words = vsprintf(fmt, args, format_env).replace(/\n$/, '');
  report('warn', `${words}\nWARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at ${caller_place()}`);
  return true;
}

const warned = new WeakMap<object, Set<number>>();

/** WARN_ON() that speaks once for each place. Context: any. */
export function WARN_ON_ONCE(condition: unknown): boolean {
  if (!holds(condition)) return false;
  let places = warned.get(kernel);
  if (places === undefined) warned.set(kernel, (places = new Set()));
  if (places.has(pc[SITE]!)) return true;
  places.add(pc[SITE]!);
  return WARN_ON(condition);
}

/** What a module has proven impossible has happened: an oops, which no catch sees. Context: any; never returns. */
export function BUG(): never {
  point();
  return kernel_bug(caller_line());
}

/** BUG() when the condition holds. Context: any. */
export function BUG_ON(condition: unknown): void {
  point();
  if (holds(condition)) kernel_bug(caller_line());
}

/** Stops the machine. Context: any; never returns. */
export function panic(fmt: string, ...args: unknown[]): never {
  point();
  return stop(vsprintf(fmt, args, format_env));
}
