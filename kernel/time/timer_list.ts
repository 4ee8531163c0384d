/**
 * Timers in kernel memory. Follows include/linux/timer.h, struct timer_list, and kernel/time/timer.c.
 *
 * Memory holds what C code can see; what only the kernel needs is a record at its side, found by address. The entry's
 * two words hold the record's number, so that memory that was never set up, or was written over, is noticed.
 */
import { pc, FRAME, SITE } from '../arch/callstack.js';
import { this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { instruction_fetch_fault } from '../debug/fault.js';
import { finite } from '../debug/finite.js';
import { report } from '../debug/report.js';
import { jiffies } from '../include/linux/jiffies.js';
import { type debug_obj, debug_print_object } from '../lib/debugobjects.js';
import { fnptr, struct, u32 } from '../lib/struct.js';
import { check_access, word_index } from '../mm/kasan/kasan.js';
import { mm } from '../mm/mm.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';
import { call_module } from '../module/call.js';
import { calling_module, note_callback } from '../module/owner.js';
import { TimerNode } from './timer_base.js';

export type timer_ptr = Ptr<Struct<'timer_list'>>;
export type timer_fn = (timer: timer_ptr) => void;

export const timer_list = struct('timer_list', {
  /** Number of the record. */
  entry: u32,
  pprev: u32,
  /** jiffies at which it is to run, for add_timer(). */
  expires: u32,
  function: fnptr<timer_fn>(),
  flags: u32,
});

const BYTES = timer_list.size;
const ENTRY = 0;
const PPREV = 1;
const EXPIRES = 2;
const FUNCTION = 3;
const FLAGS = 4;

/** The timer may be deleted with interrupts disabled. Follows include/linux/timer.h. */
export const TIMER_IRQSAFE = 0x00200000;
export const TIMER_DEFERRABLE = 0x00080000;
export const TIMER_PINNED = 0x00100000;

export class timer_record extends TimerNode implements debug_obj {
  readonly object_type = 'timer_list';
  readonly address: number;
  readonly number = ++kernel.timers.numbers;
  /** Name of the module that set it up; empty for the host's code. */
  readonly owner = calling_module();
  /** The stack that armed it last, for unwind(). */
  frame = 0;
  site = 0;
  /** Stands for the real function in reports, where that is the kernel's own. */
  hint: (() => unknown) | null = null;

  constructor(address: number) {
    super(expire_timer);
    this.address = address;
  }

  get function(): timer_fn | null {
    return mm.functions.at(i32[word_index(this.address) + FUNCTION]!);
  }

  debug_hint(): unknown {
    return this.hint === null ? this.function : this.hint();
  }

  fixup_free(): void {
    disarm_timer(this);
  }
}

/** What runs when a timer that was never set up is armed. */
export function stub_timer(_timer: timer_ptr): void {
  report('object-state', `WARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at kernel/time/timer.c:694 stub_timer`);
}

/** Sets a timer up, or again; `fn` is the module's. The memory has been checked. */
export function init_timer(address: number, fn: timer_fn, flags: number): timer_record {
  const { records: known } = kernel.timers;
  const old = known.get(address);
  if (old !== undefined && old.slot >= 0) {
    if (old.number === i32[word_index(address) + ENTRY]) debug_print_object('init', 'active', 'timer_list', old.debug_hint());
    kernel.debug_objects.deactivate(old);
    kernel.timers.disarm(old);
  }
  const record = new timer_record(address);
  const at = word_index(address);
  i32[at + ENTRY] = record.number;
  i32[at + PPREV] = 0;
  i32[at + FUNCTION] = mm.functions.address_of(fn);
  i32[at + FLAGS] = flags;
  known.set(address, record);
  return record;
}

/** The memory of a timer is about to be used. */
export function check_timer(timer: number): boolean {
  return check_access(timer, BYTES, true);
}

/** The record of a timer that was set up. Follows debug_assert_init(): one that was not is reported, and gets a stub. */
export function timer_of(timer: number): timer_record | null {
  if (!check_timer(timer)) return null;
  const record = kernel.timers.records.get(timer);
  if (record !== undefined && i32[word_index(timer) + ENTRY] === record.number) return record;
  debug_print_object('assert_init', 'not available', 'timer_list', mm.functions.at(i32[word_index(timer) + FUNCTION]!));
  return init_timer(timer, stub_timer, 0);
}

/** Sets up, for the module whose code runs. */
export function setup_timer(timer: number, fn: timer_fn, flags: number): void {
  if (!check_timer(timer)) return;
  note_callback(fn);
  init_timer(timer, fn, flags);
}

/** Follows __mod_timer(): arms for a value of jiffies. Returns whether the timer was pending. */
export function arm_timer(record: timer_record, expires: number, cpu = this_cpu): boolean {
  const at = word_index(record.address);
  finite('the time at which a timer expires', expires);
  const pending = kernel.timers.disarm(record);
  i32[at + EXPIRES] = expires;
  i32[at + PPREV] = record.address;
  record.frame = pc[FRAME]!;
  record.site = pc[SITE]!;
  kernel.timers.arm(record, kernel.time.ticks + ((expires - jiffies) | 0), cpu);
  kernel.debug_objects.activate(record);
  return pending;
}

export function disarm_timer(record: timer_record): boolean {
  if (!kernel.timers.disarm(record)) return false;
  kernel.debug_objects.deactivate(record);
  i32[word_index(record.address) + PPREV] = 0;
  return true;
}

/** `expires` as the timer's memory holds it. */
export function expires_of(record: timer_record): number {
  return i32[word_index(record.address) + EXPIRES]! >>> 0;
}

export function flags_of(record: timer_record): number {
  return i32[word_index(record.address) + FLAGS]!;
}

/** Follows expire_timers() and call_timer_fn(). Context: softirq. */
function expire_timer(node: TimerNode): void {
  const record = node as timer_record;
  const { address } = record;
  kernel.debug_objects.deactivate(record);
  if (!check_timer(address)) return;
  const at = word_index(address);
  if (i32[at + ENTRY] !== record.number) {
    debug_print_object('assert_init', 'not available', 'timer_list', record.function);
    return;
  }
  i32[at + PPREV] = 0;
  const fn = mm.functions.at(i32[at + FUNCTION]!) as timer_fn | null;
  if (fn === null) instruction_fetch_fault(i32[at + FUNCTION]!);
  kernel.trace?.event('timer_expire_entry', `function=${kernel.symbol_of(fn)}`);
  call_module(fn, [address as timer_ptr], leaked);
}

function leaked(fn: string, now: { preempt_count: number; irqs_off: number }, then: { preempt_count: number; irqs_off: number }): void {
  const hex = (count: number): string => count.toString(16).padStart(8, '0');
  if (now.preempt_count !== then.preempt_count) {
    report('context-imbalance', `timer: ${fn} preempt leak: ${hex(then.preempt_count)} -> ${hex(now.preempt_count)}`);
  } else if (now.irqs_off !== then.irqs_off) report('context-imbalance', `timer: ${fn} returned with interrupts disabled`);
  else report('context-imbalance', `timer: ${fn} returned with other locks than it was called with`);
}
