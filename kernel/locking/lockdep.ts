/** Reports about locks. Follows kernel/locking/lockdep.c and include/linux/debug_locks.h. */
import { FRAME, pc, SITE } from '../arch/callstack.js';
import { this_cpu } from '../arch/cpu.js';
import { lock_point } from '../arch/point.js';
import { HELD_WORDS, type task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { print_held_locks, print_place, report, type Print } from '../debug/report.js';
import type { RuleName } from '../debug/rules.js';
import { HARDIRQ_MASK } from '../include/linux/preempt.js';
import { hex8 } from '../mm/layout.js';
import type { Ptr } from '../mm/pointer.js';
import { caller_place } from './caller_place.js';
import { HELD_READ, held_index, held_kind } from './held_locks.js';
import { lock_name } from './lock_name.js';
import { lock_state } from './lock_state.js';

/** Ends the checks of locks. Returns whether they were on. */
export function debug_locks_off(): boolean {
  const state = lock_state();
  const were_on = state.debug_locks;
  state.debug_locks = false;
  return were_on;
}

/** Reports the first fault of any lock, as debug_locks_off() does; what comes after it may only follow from it. */
export function lock_report(rule: RuleName, headline: string, body?: (print: Print) => void): void {
  const state = lock_state();
  if (!state.debug_locks || kernel.rules[rule] === 'off') return;
  state.debug_locks = false;
  report(rule, headline, body);
}

function name_of(task: task_struct): string {
  return `${task.comm}/${task.pid}`;
}

function described(address: number): string {
  return `${hex8(address)} (${lock_name(address)})`;
}

/** A lock is released that the task does not hold. Follows print_unlock_imbalance_bug(). */
export function report_unlock_imbalance(rule: RuleName, address: number): void {
  const task = this_cpu.current;
  lock_report(rule, `WARNING: bad unlock balance detected!\n${name_of(task)} is trying to release lock (${lock_name(address)}) at:`, (print) => {
    print_place(print, 'Released at', pc[FRAME]!, pc[SITE]!);
    print('but there are no more locks to release!');
    print('other info that might help us debug this:');
    print_held_locks(print, task);
  });
}

/** A lock is asked for that the task holds already. Follows print_deadlock_bug(). */
export function report_recursive_locking(rule: RuleName, address: number): void {
  const task = this_cpu.current;
  lock_report(rule, `WARNING: possible recursive locking detected\n${name_of(task)} is trying to acquire lock:`, (print) => {
    print(described(address));
    print('but task is already holding lock:');
    const i = held_index(task, address);
    const held = task.held_locks!;
    print(described(address));
    print_place(print, 'Acquired at', held[i * HELD_WORDS + 1]!, held[i * HELD_WORDS + 2]!);
    print(' *** DEADLOCK ***');
    print_held_locks(print, task);
  });
}

/** Memory that the task holds a lock in is freed or initialised again. Follows debug_check_no_locks_freed(). */
export function debug_check_no_locks_freed(address: number, size: number): void {
  const task = this_cpu.current;
  for (let i = 0; i < task.lockdep_depth; i++) {
    const lock = task.held_locks![i * HELD_WORDS]!;
    if (lock < address || lock >= address + size) continue;
    lock_report('object-state', `WARNING: held lock freed!\n${name_of(task)} is freeing memory ${hex8(address)}-${hex8(address + size - 1)}, with a lock still held there!`, (print) => {
      print(described(lock));
      print_held_locks(print, task);
    });
    return;
  }
}

/** Interrupts are enabled by code of a hard interrupt. Follows lockdep_hardirqs_on_prepare(). */
export function check_hardirqs_on(): void {
  if ((this_cpu.preempt_count & HARDIRQ_MASK) === 0 || this_cpu.irqs_off === 0) return;
  lock_report('context-imbalance', 'DEBUG_LOCKS_WARN_ON(lockdep_hardirq_context())');
}

/** 1 where the running task holds the lock, in any way. Context: any. Source: include/linux/lockdep.h. */
export function lockdep_is_held(lock: Ptr): number {
  lock_point(lock);
  return +(held_index(this_cpu.current, lock) >= 0);
}

function assert_held(holds: boolean): void {
  if (!holds && lock_state().debug_locks) {
    report('warn', `WARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at ${caller_place()}`);
  }
}

/** Reports where the running task does not hold the lock. Context: any. Source: include/linux/lockdep.h. */
export function lockdep_assert_held(lock: Ptr): void {
  lock_point(lock);
  assert_held(held_index(this_cpu.current, lock) >= 0);
}

/** As lockdep_assert_held(), for one that must be held for writing. Context: any. */
export function lockdep_assert_held_write(lock: Ptr): void {
  lock_point(lock);
  const kind = held_kind(this_cpu.current, lock);
  assert_held(kind >= 0 && (kind & HELD_READ) === 0);
}

/** As lockdep_assert_held(), for one that must be held for reading. Context: any. */
export function lockdep_assert_held_read(lock: Ptr): void {
  lock_point(lock);
  const kind = held_kind(this_cpu.current, lock);
  assert_held(kind >= 0 && (kind & HELD_READ) !== 0);
}

/** Reports where the running task holds the lock. Context: any. */
export function lockdep_assert_not_held(lock: Ptr): void {
  lock_point(lock);
  assert_held(held_index(this_cpu.current, lock) < 0);
}
