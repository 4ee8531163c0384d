/** High-resolution timers in kernel memory. Follows include/linux/hrtimer.h and kernel/time/hrtimer.c. */
import { arch } from '../arch/arch.js';
import { FRAME, pc, SITE } from '../arch/callstack.js';
import { type Cpu, cpu_clock, this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { kernel } from '../current.js';
import { instruction_fetch_fault } from '../debug/fault.js';
import { print_place, report } from '../debug/report.js';
import { type debug_obj, debug_print_object } from '../lib/debugobjects.js';
import { fnptr, s64, struct, u32 } from '../lib/struct.js';
import { check_access, word_index } from '../mm/kasan/kasan.js';
import { mm } from '../mm/mm.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { i32, view } from '../mm/ram.js';
import { PAGE_OFFSET } from '../mm/layout.js';
import { call_module } from '../module/call.js';
import { HrtimerNode } from './hrtimer_base.js';

export type hrtimer_ptr = Ptr<Struct<'hrtimer'>>;
/** HRTIMER_NORESTART or HRTIMER_RESTART. */
export type hrtimer_restart = 0 | 1;

export const hrtimer = struct('hrtimer', {
  /** Number of the record. */
  node: u32,
  function: fnptr<(timer: hrtimer_ptr) => hrtimer_restart>(),
  /** ns since boot. */
  expires: s64,
});

const NODE = 0;
const FUNCTION = 1;
const EXPIRES_BYTES = 8;
/** Restarts for one and the same time before it is no accident. */
const UNMOVED_MAX = 10_000;

export const HRTIMER_NORESTART = 0;
export const HRTIMER_RESTART = 1;

export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;

export const HRTIMER_MODE_ABS = 0x00;
export const HRTIMER_MODE_REL = 0x01;
export const HRTIMER_MODE_PINNED = 0x02;
export const HRTIMER_MODE_ABS_PINNED = HRTIMER_MODE_ABS | HRTIMER_MODE_PINNED;
export const HRTIMER_MODE_REL_PINNED = HRTIMER_MODE_REL | HRTIMER_MODE_PINNED;

export class hrtimer_record extends HrtimerNode implements debug_obj {
  readonly object_type = 'hrtimer';
  readonly address: number;
  readonly number: number;
  /** How often in a row its callback has restarted it for the time that has passed. */
  unmoved = 0;
  /** The stack that started it last, for unwind(). */
  frame = 0;
  site = 0;

  constructor(address: number, number: number) {
    super(() => {
      expire(this);
    });
    this.address = address;
    this.number = number;
  }

  override start(expires: number, cpu: Cpu): void {
    super.start(expires, cpu);
    this.frame = pc[FRAME]!;
    this.site = pc[SITE]!;
    kernel.debug_objects.activate(this);
  }

  override cancel(): boolean {
    if (!super.cancel()) return false;
    kernel.debug_objects.deactivate(this);
    return true;
  }

  debug_hint(): unknown {
    return mm.functions.at(i32[word_index(this.address) + FUNCTION]!);
  }

  fixup_free(): void {
    this.cancel();
  }
}

/** hrtimers that were set up, by address; a table a machine. */
const tables = new WeakMap<object, Map<number, hrtimer_record>>();

function table(): Map<number, hrtimer_record> {
  let known = tables.get(kernel);
  if (known === undefined) {
    known = new Map<number, hrtimer_record>();
    tables.set(kernel, known);
  }
  return known;
}

/** Shows each that is pending or whose callback runs. Context: any. */
export function for_each_active_hrtimer(visit: (timer: hrtimer_record) => void): void {
  for (const record of tables.get(kernel)?.values() ?? []) if (record.pending || record.running) visit(record);
}

function store_expires(address: number, ns: number): void {
  view.setBigInt64(address - PAGE_OFFSET + EXPIRES_BYTES, BigInt(Math.round(ns)), true);
}

function load_expires(address: number): number {
  return Number(view.getBigInt64(address - PAGE_OFFSET + EXPIRES_BYTES, true));
}

/** The record of a timer; one that was never set up is reported, and null. */
function record_of(timer: number): hrtimer_record | null {
  if (!check_access(timer, hrtimer.size, true)) return null;
  const record = table().get(timer);
  if (record !== undefined && record.number === i32[word_index(timer) + NODE]) return record;
  debug_print_object('assert_init', 'not available', 'hrtimer', mm.functions.at(i32[word_index(timer) + FUNCTION]!));
  return null;
}

/** Context: hard interrupt. Follows __run_hrtimer(). */
function expire(record: hrtimer_record): void {
  const { address } = record;
  kernel.debug_objects.deactivate(record);
  if (!check_access(address, hrtimer.size, true)) return;
  const fn_address = i32[word_index(address) + FUNCTION]!;
  const fn = mm.functions.at(fn_address) as ((timer: hrtimer_ptr) => hrtimer_restart) | null;
  if (fn === null) instruction_fetch_fault(fn_address);
  kernel.trace?.event('hrtimer_expire_entry', `function=${kernel.symbol_of(fn)}`);
  const restart = call_module(fn, [address as hrtimer_ptr], (name, now, then) => {
    report('context-imbalance', `hrtimer: ${name} preempt leak: ${then.preempt_count.toString(16).padStart(8, '0')} -> ${now.preempt_count.toString(16).padStart(8, '0')}`);
  });
  if (restart !== HRTIMER_RESTART || record.pending) return;
  const expires = load_expires(address);
  record.unmoved = expires === record.expires ? record.unmoved + 1 : 0;
  if (record.unmoved < UNMOVED_MAX) record.start(expires, this_cpu);
  else report_unmoved(record, fn);
}

/** In Linux __hrtimer_run_queues() would find it expired again and again, in one hard interrupt: the NMI watchdog's report is said at once. */
function report_unmoved(record: hrtimer_record, fn: (...args: never[]) => unknown): void {
  record.unmoved = 0;
  report('lockup', `NMI watchdog: Watchdog detected hard LOCKUP on cpu ${this_cpu.id}`, (print) => {
    print(`Foreseen: the hrtimer's ${kernel.symbol_of(fn)} has returned HRTIMER_RESTART ${UNMOVED_MAX} times without moving the expiry on (hrtimer_forward()).`);
    print_place(print, 'Started at', record.frame, record.site);
  });
}

/**
 * Prepares a timer; its field `function` names the callback and is set afterwards. Both clocks count from boot.
 * Context: any.
 */
export function hrtimer_init(timer: hrtimer_ptr, _clock: number, _mode: number): void {
  point();
  if (!check_access(timer, hrtimer.size, true)) return;
  const old = table().get(timer);
  if (old?.pending === true) {
    if (old.number === i32[word_index(timer) + NODE]) debug_print_object('init', 'active', 'hrtimer', mm.functions.at(i32[word_index(timer) + FUNCTION]!));
    old.cancel();
  }
  const record = new hrtimer_record(timer, ++kernel.timers.numbers);
  i32[word_index(timer) + NODE] = record.number;
  i32[word_index(timer) + FUNCTION] = 0;
  store_expires(timer, 0);
  table().set(timer, record);
}

/** Starts the timer, or again, for `time` ns from now (HRTIMER_MODE_REL) or since boot (_ABS). Context: any. */
export function hrtimer_start(timer: hrtimer_ptr, time: number, mode: number): void {
  point();
  const record = record_of(timer);
  if (record === null) return;
  const expires = (mode & HRTIMER_MODE_REL) !== 0 ? cpu_clock(this_cpu) + time : time;
  store_expires(timer, expires);
  record.start(expires, this_cpu);
}

/** Stops the timer: 1 where it was pending, 0 where not, -1 where its callback runs now. Context: any. */
export function hrtimer_try_to_cancel(timer: hrtimer_ptr): number {
  point();
  const record = record_of(timer);
  if (record === null) return 0;
  return record.running ? -1 : +record.cancel();
}

/** Stops the timer and waits for its callback. Returns 1 where it was pending. Context: any but the callback. */
export function hrtimer_cancel(timer: hrtimer_ptr): number {
  point();
  const record = record_of(timer);
  if (record === null) return 0;
  if (record.running && record.cpu === this_cpu) {
    const { comm, pid } = this_cpu.current;
    // No tick comes through a hard interrupt that never ends: in Linux it is another CPU that notices.
    report('lockup', 'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:', (print) => {
      print(` ${this_cpu.id}-...!: ${comm}/${pid}: hrtimer_cancel() of the timer whose callback runs here waits for its own end.`);
    });
    return +record.cancel();
  }
  while (record.running) arch.spin_until(this_cpu, timer, () => record.running);
  return +record.cancel();
}

/** True while the timer is pending or its callback runs. Context: any. */
export function hrtimer_active(timer: hrtimer_ptr): boolean {
  point();
  const record = record_of(timer);
  return record !== null && (record.pending || record.running);
}

/**
 * Moves a timer's expiry on by whole intervals until it lies after `now`; returns how many. For the callback, which
 * then returns HRTIMER_RESTART. Context: the callback, or a timer that is not pending.
 */
export function hrtimer_forward(timer: hrtimer_ptr, now: number, interval: number): number {
  point();
  const record = record_of(timer);
  if (record === null) return 0;
  const expires = load_expires(timer);
  if (now < expires) return 0;
  if (record.pending) {
    report('warn', `WARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at kernel/time/hrtimer.c:1062 hrtimer_forward`);
    return 0;
  }
  const overruns = Math.floor((now - expires) / interval) + 1;
  store_expires(timer, expires + overruns * interval);
  return overruns;
}

/** hrtimer_forward() from now. Context: as hrtimer_forward(). */
export function hrtimer_forward_now(timer: hrtimer_ptr, interval: number): number {
  return hrtimer_forward(timer, cpu_clock(this_cpu), interval);
}
