/** What a module does with a timer. Follows kernel/time/timer.c. */
import { arch } from '../arch/arch.js';
import { point } from '../arch/point.js';
import { this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { print_held_locks, report } from '../debug/report.js';
import { in_hardirq } from '../include/linux/preempt.js';
import { time_before_eq } from '../include/linux/jiffies.js';
import { alloc_static } from '../mm/static_area.js';
import { warn_once_at } from '../mm/warn.js';
import { calling_module } from '../module/owner.js';
import {
  arm_timer, check_timer, disarm_timer, expires_of, flags_of, setup_timer, type timer_fn, timer_list, type timer_ptr, type timer_record,
  timer_of, TIMER_IRQSAFE,
} from './timer_list.js';

/**
 * Prepares a timer: `callback(timer)` will run in a softirq when it expires. Every timer is set up once before any
 * other use. Context: any.
 */
export function timer_setup(timer: timer_ptr, callback: timer_fn, flags: number): void {
  point();
  setup_timer(timer, callback, flags);
}

/** A timer of the module's own, set up. Context: a module's top level. */
export function DEFINE_TIMER(name: string, callback: timer_fn): timer_ptr {
  const timer = alloc_static(timer_list.size, timer_list.align, calling_module(), name) as timer_ptr;
  setup_timer(timer, callback, 0);
  return timer;
}

/** 1 where the timer waits to expire. Context: any. */
export function timer_pending(timer: timer_ptr): number {
  point();
  if (!check_timer(timer)) return 0;
  return +((kernel.timers.records.get(timer)?.slot ?? -1) >= 0);
}

/** Arms the timer for `expires`, a value of jiffies, pending or not. Returns 1 where it was pending. Context: any. */
export function mod_timer(timer: timer_ptr, expires: number): number {
  point();
  const record = timer_of(timer);
  if (record === null) return 0;
  if (record.slot >= 0 && expires_of(record) === expires >>> 0) return 1;
  return +arm_timer(record, expires);
}

/** As mod_timer(), for a timer that is pending; one that is not stays so, and 0 comes back. Context: any. */
export function mod_timer_pending(timer: timer_ptr, expires: number): number {
  point();
  const record = timer_of(timer);
  if (record === null || record.slot < 0) return 0;
  return +arm_timer(record, expires);
}

/** As mod_timer(), but never makes a pending timer later. Context: any. */
export function timer_reduce(timer: timer_ptr, expires: number): number {
  point();
  const record = timer_of(timer);
  if (record === null) return 0;
  if (record.slot >= 0 && time_before_eq(expires_of(record), expires) !== 0) return 1;
  return +arm_timer(record, expires);
}

/** Arms a timer for what its field `expires` says. One that is pending is left as it is, with a warning. Context: any. */
export function add_timer(timer: timer_ptr): void {
  point();
  const record = timer_of(timer);
  if (record === null) return;
  if (record.slot >= 0) warn_once_at('kernel/time/timer.c:1246', 'add_timer');
  else arm_timer(record, expires_of(record));
}

/** As add_timer(), on a CPU of the caller's choice. Throws RangeError where there is no such CPU. Context: any. */
export function add_timer_on(timer: timer_ptr, cpu: number): void {
  point();
  const record = timer_of(timer);
  if (record === null) return;
  const target = arch.cpus[cpu];
  if (target === undefined) throw new RangeError(`add_timer_on: this machine has no CPU ${cpu}`);
  if (record.slot >= 0) warn_once_at('kernel/time/timer.c:1267', 'add_timer_on');
  else arm_timer(record, expires_of(record), target);
}

/**
 * Disarms a timer. Returns 1 where it was pending. Its callback may still be running on another CPU: see
 * del_timer_sync(). Context: any.
 */
export function del_timer(timer: timer_ptr): number {
  point();
  const record = timer_of(timer);
  return record === null ? 0 : +disarm_timer(record);
}

/** As del_timer(), or -1 where the callback runs now. Context: any. */
export function try_to_del_timer_sync(timer: timer_ptr): number {
  point();
  const record = timer_of(timer);
  if (record === null) return 0;
  return kernel.timers.running_on(record) >= 0 ? -1 : +disarm_timer(record);
}

/**
 * Disarms a timer and waits until its callback has returned, on whichever CPU it runs. Returns 1 where it was
 * pending. Context: process or softirq; not a hard interrupt, not the callback itself, and the caller must not hold
 * a lock that the callback takes.
 */
export function del_timer_sync(timer: timer_ptr): number {
  point();
  const record = timer_of(timer);
  if (record === null) return 0;
  if (in_hardirq() !== 0 && (flags_of(record) & TIMER_IRQSAFE) === 0) {
    report('warn', `WARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at kernel/time/timer.c:1428 del_timer_sync`);
  }
  if (kernel.timers.running_on(record) === this_cpu.id) {
    deadlock(record);
    return +disarm_timer(record);
  }
  // A callback that arms its timer again does so before it ends: look again until neither is left.
  while (kernel.timers.running_on(record) >= 0) arch.spin_until(this_cpu, timer, () => kernel.timers.running_on(record) >= 0);
  return +disarm_timer(record);
}

/** The callback that is waited for runs below on this very stack: Linux would spin for ever. */
function deadlock(record: timer_record): void {
  const { comm, pid } = this_cpu.current;
  const lock = `(${record.function === null ? 'timer' : kernel.symbol_of(record.function)})`;
  report('lockup', `WARNING: possible recursive locking detected\n${comm}/${pid} is trying to acquire lock:`, (print) => {
    print(` ${lock}, at: del_timer_sync`);
    print('but task is already holding lock:');
    print(` ${lock}, at: call_timer_fn`);
    print('The timer\'s callback waits for its own end.');
    print_held_locks(print, this_cpu.current);
  });
}
