/**
 * Reports: what the kernel says when a module breaks a rule, in Linux's words.
 *
 * The first report wins. A report of a rule that is set to panic ends in panic(), and what the machine would have
 * done next never happens; a report of a rule set to warn taints the kernel and lets it go on.
 */
import { arch } from '../arch/arch.js';
import { FRAME, pc, SITE, unwind } from '../arch/callstack.js';
import { this_cpu } from '../arch/cpu.js';
import { site_of } from '../arch/site.js';
import { HELD_WORDS, type task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { LOGLEVEL_EMERG, LOGLEVEL_ERR, LOGLEVEL_WARNING } from '../printk/levels.js';
import { lock_name } from '../locking/lock_name.js';
import { lock_state } from '../locking/lock_state.js';
import { boundary_of } from './boundary.js';
import type { RuleName, RuleSetting } from './rules.js';

export type Print = (line: string) => void;

/** Linux's bits: a module has another licence (P), an oops (D) or a WARN (W) has happened, a module is out of tree (O). */
export const TAINT_PROPRIETARY_MODULE = 1 << 0;
export const TAINT_DIE = 1 << 7;
export const TAINT_WARN = 1 << 9;
export const TAINT_OOT_MODULE = 1 << 12;

/** A call stack, as the shadow call stack has it. */
export interface Place {
  readonly frame: number;
  readonly site: number;
}

/** One report as data, for who looks at it from outside. */
export interface ReportRecord {
  readonly rule: RuleName;
  readonly headline: string;
  readonly text: string;
}

/** What a report tells beside its headline and the call trace: before the trace, as most do, or after it, as KASAN's. */
export type ReportBody = ((print: Print) => void) | { readonly after: (print: Print) => void };

/**
 * Prints a report: headline, the user's line, `body`, the CPU line and the call trace, a body that comes after. It is
 * about the running code, unless `elsewhere` names another place; then the trace is the body's to print.
 * Returns unless the rule is set to panic. Context: any.
 */
export function report(rule: RuleName, headline: string, body?: ReportBody, elsewhere?: Place): void {
  const setting: RuleSetting = kernel.rules[rule];
  if (setting === 'off') return;
  const lines: string[] = [];
  const level = setting === 'panic' ? LOGLEVEL_ERR : LOGLEVEL_WARNING;
  const print = (line: string): void => {
    lines.push(line);
    kernel.printk.emit(level, line);
  };
  for (const line of headline.split('\n')) print(line);
  print_offence(print, elsewhere ?? { frame: pc[FRAME]!, site: pc[SITE]! });
  if (typeof body === 'function') body(print);
  if (elsewhere === undefined) dump_stack(print);
  if (typeof body === 'object') body.after(print);
  kernel.taint |= TAINT_WARN;
  kernel.reports.push({ rule, headline, text: lines.join('\n') });
  if (setting === 'panic') panic(reason_of(headline), elsewhere);
}

/** What a panic says of the report that it follows: its headline without the frills. */
function reason_of(headline: string): string {
  const [first] = headline.split('\n');
  return first!.replace(/^(BUG|WARNING|INFO): /, '').replace(/ at \S+:\d+$/, '');
}

/** Stops the machine. Context: any; never returns, and no code of the module can catch it. */
export function panic(reason: string, shown?: Place): never {
  const lines: string[] = [];
  const print = (line: string): void => {
    lines.push(line);
    kernel.printk.emit(LOGLEVEL_EMERG, line);
  };
  const headline = `Kernel panic - not syncing: ${reason}`;
  print(headline);
  if (kernel.reports.length === 0) {
    print_offence(print, { frame: pc[FRAME]!, site: pc[SITE]! });
    dump_stack(print);
    kernel.reports.push({ rule: 'oops', headline, text: lines.join('\n') });
  }
  print_other_cpus(print, shown);
  arch.halt(headline);
}

/** The user's own line, the innermost of the stack, with a mark under the place. */
function print_offence(print: Print, { frame, site: innermost }: Place): void {
  for (const site of unwind(frame, innermost)) {
    const text = arch.source_line(site);
    if (text === null) continue;
    const { file, line, column } = site_of(site);
    const gutter = String(line);
    print(`  --> ${file}:${line}:${column}`);
    print(`  ${gutter} | ${text}`);
    print(`  ${' '.repeat(gutter.length)} | ${' '.repeat(Math.max(0, column - 1))}^`);
    return;
  }
}

export function format_site(site: number): string {
  const { file, line, column, fn, module } = site_of(site);
  if (file === '') return fn;
  return `${fn}  ${file}:${line}:${column}${module === '' ? '' : ` [${module}]`}`;
}

/** Places of a deep stack that are shown, from its top and from its bottom. */
const INNERMOST = 32;
const OUTERMOST = 8;

/** One line a place of the stack, innermost first, with the interrupt's part told apart. */
export function print_stack(print: Print, frame: number, site: number): void {
  const places = unwind(frame, site);
  const left_out = places.length - INNERMOST - OUTERMOST;
  const open: string[] = [];
  let parts = 0;
  for (const place of places) if (boundary_of(place) !== null) parts++;
  const enter_part = (name: string): void => {
    open.push(name);
    print(` <${name}>`);
  };
  if (parts > 0) enter_part(next_boundary(places, 0));
  places.forEach((place, i) => {
    if (left_out > 0 && i === INNERMOST) print(`  ... ${left_out} more ...`);
    const hidden = left_out > 0 && i >= INNERMOST && i < INNERMOST + left_out;
    if (!hidden || boundary_of(place) !== null) print(`  ${format_site(place)}`);
    if (boundary_of(place) === null) return;
    print(` </${open.pop()!}>`);
    if (i + 1 < places.length) enter_part(next_boundary(places, i + 1));
  });
  const last = open.pop();
  if (last !== undefined) print(` </${last}>`);
}

function next_boundary(places: readonly number[], from: number): string {
  for (let i = from; i < places.length; i++) {
    const name = boundary_of(places[i]!);
    if (name !== null) return name;
  }
  return 'TASK';
}

export function print_call_trace(print: Print): void {
  print('Call Trace:');
  print_stack(print, pc[FRAME]!, pc[SITE]!);
}

/** Follows lib/dump_stack.c, dump_stack_print_info(). */
export function dump_stack(print: Print): void {
  const task = this_cpu.current;
  print(`CPU: ${this_cpu.id} PID: ${task.pid} Comm: ${task.comm} ${print_tainted()} ${kernel.release} #1`);
  print_call_trace(print);
}

/** Linux's letters, a column for each bit; the first has a letter for a clear bit too. */
const TAINT_LETTERS = 'PFSRMBUDAWCIOELKXTN';

/** Follows kernel/panic.c, print_tainted(). */
export function print_tainted(): string {
  if (kernel.taint === 0) return 'Not tainted';
  const letters = Array.from(TAINT_LETTERS, (letter, bit) => ((kernel.taint & (1 << bit)) !== 0 ? letter : bit === 0 ? 'G' : ' '));
  return `Tainted: ${letters.join('')}`;
}

/** Where `what` was disabled last, as Linux's "Preemption disabled at:". */
export function print_place(print: Print, what: string, frame: number, site: number): void {
  print(`${what}:`);
  const places = unwind(frame, site);
  print(places.length === 0 ? ' (host code, which carries no line numbers)' : ` ${format_site(places[0]!)}`);
}

/** Follows kernel/locking/lockdep.c, debug_show_held_locks(): once lockdep has found a fault it is off, and knows nothing. */
export function debug_show_held_locks(print: Print, task: task_struct): void {
  if (lock_state().debug_locks) print_held_locks(print, task);
  else print('INFO: lockdep is turned off.');
}

/** As debug_show_held_locks(), and nothing where there are none. */
export function debug_show_any_held_locks(print: Print, task: task_struct): void {
  if (task.lockdep_depth > 0 || !lock_state().debug_locks) debug_show_held_locks(print, task);
}

/** Lockdep's own reports know the locks still. Follows lockdep_print_held_locks(). */
export function print_held_locks(print: Print, task: task_struct): void {
  const depth = task.lockdep_depth;
  if (depth === 0) {
    print(`no locks held by ${task.comm}/${task.pid}.`);
    return;
  }
  print(`${depth} lock${depth > 1 ? 's' : ''} held by ${task.comm}/${task.pid}:`);
  for (let i = 0; i < depth; i++) {
    const at = i * HELD_WORDS;
    const address = task.held_locks![at]!;
    const places = unwind(task.held_locks![at + 1]!, task.held_locks![at + 2]!);
    const where = places.length === 0 ? '(host code)' : format_site(places[0]!);
    print(` #${i}: ${(address >>> 0).toString(16).padStart(8, '0')} (${lock_name(address)}), at: ${where}`);
  }
}

/** What the CPUs that did not panic were doing. */
function print_other_cpus(print: Print, shown: Place | undefined): void {
  for (const cpu of arch.cpus) {
    if (cpu === this_cpu || cpu.current === cpu.idle || cpu.current === shown) continue;
    const task = cpu.current;
    print(`CPU: ${cpu.id} PID: ${task.pid} Comm: ${task.comm}, at the time:`);
    print('Call Trace:');
    print_stack(print, task.frame, task.site);
    if (task.lockdep_depth > 0) debug_show_held_locks(print, task);
  }
}

