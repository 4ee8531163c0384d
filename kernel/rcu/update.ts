/**
 * Read-copy-update. Follows include/linux/rcupdate.h, kernel/rcu/tree.c and kernel/rcu/update.c, which are the
 * sources of all functions.
 */
import { arch } from '../arch/arch.js';
import { FRAME, pc, SITE } from '../arch/callstack.js';
import { this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { kernel } from '../current.js';
import { report } from '../debug/report.js';
import { ptr, struct } from '../lib/struct.js';
import { caller_line } from '../locking/caller_place.js';
import { lock_report } from '../locking/lockdep.js';
import { lock_state } from '../locking/lock_state.js';
import { check_access } from '../mm/kasan/kasan.js';
import { kfree } from '../mm/slab/kmalloc.js';
import { hex8 } from '../mm/layout.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { call_module } from '../module/call.js';
import { note_callback } from '../module/owner.js';
import { might_sleep_at } from '../sched/might_sleep.js';
import { enqueue_callback, wait_rcu_gp } from './tree.js';

/** 8 bytes in a struct that call_rcu() is to free. */
export const rcu_head = struct('callback_head', { next: ptr, func: ptr });
export type rcu_head = Struct<'callback_head'>;

/** What is read from here on stays until rcu_read_unlock(). Nests. The task may be preempted, not sleep. Context: any. */
export function rcu_read_lock(): void {
  point();
  this_cpu.current.rcu_read_lock_nesting++;
}

/** Leaves what rcu_read_lock() entered. Context: any. */
export function rcu_read_unlock(): void {
  point();
  const task = this_cpu.current;
  if (task.rcu_read_lock_nesting > 0) task.rcu_read_lock_nesting--;
  else lock_report('rcu', `WARNING: bad unlock balance detected!\n${task.comm}/${task.pid} is trying to release lock (rcu_read_lock) at:`);
}

/** 1 inside rcu_read_lock(). Context: any. */
export function rcu_read_lock_held(): number {
  return +(this_cpu.current.rcu_read_lock_nesting > 0);
}

/** Follows lockdep_rcu_suspicious(). */
function suspicious(where: string, what: string): void {
  const { comm, pid, rcu_read_lock_nesting } = this_cpu.current;
  lock_report('rcu', `WARNING: suspicious RCU usage\n${where} ${what}`, (print) => {
    print(`${comm}/${pid}: RCU nest depth: ${rcu_read_lock_nesting}`);
  });
}

/** Reads a pointer that RCU protects: `const p = rcu_dereference(gp)`. Context: any, inside rcu_read_lock(). */
export function rcu_dereference<T>(p: T): T {
  return rcu_dereference_check(p, false);
}

/** As rcu_dereference(), also where `condition` holds: that the caller has the lock of those who write. Context: any. */
export function rcu_dereference_check<T>(p: T, condition: boolean | number): T {
  point();
  if (!condition && this_cpu.current.rcu_read_lock_nesting === 0) suspicious(caller_line(), 'suspicious rcu_dereference_check() usage!');
  return p;
}

/** Reads the pointer where only `condition` protects it. Context: any. */
export function rcu_dereference_protected<T>(p: T, condition: boolean | number): T {
  point();
  if (!condition) suspicious(caller_line(), 'suspicious rcu_dereference_protected() usage!');
  return p;
}

/** Reads the pointer to look at it, not at what it points to. Context: any. */
export function rcu_access_pointer<T>(p: T): T {
  point();
  return p;
}

/** What readers are to find, ready for them: `gp = rcu_assign_pointer(p)`. Context: any. */
export function rcu_assign_pointer<T>(v: T): T {
  point();
  return v;
}

/** Waits until all who were inside rcu_read_lock() have left. Context: process, may sleep. */
export function synchronize_rcu(): void {
  point();
  if (this_cpu.current.rcu_read_lock_nesting > 0) {
    suspicious('kernel/rcu/tree.c:3574', 'Illegal synchronize_rcu() in RCU read-side critical section!');
  }
  might_sleep_at('kernel/sched/completion.c:101');
  wait_rcu_gp(1, 'synchronize_rcu()', enqueue_callback);
}

/** Waits until all callbacks that were asked for have been called. Context: process, may sleep. */
export function rcu_barrier(): void {
  point();
  might_sleep_at('kernel/sched/completion.c:101');
  wait_rcu_gp(arch.cpus.length, 'rcu_barrier()', (done) => {
    for (const cpu of arch.cpus) enqueue_callback(done, cpu.id);
  });
}

/**
 * Calls `func(head)` once all who are inside rcu_read_lock() now have left. `head` lies in the struct that is to go.
 * Context: any; the callback runs in softirq context.
 */
export function call_rcu(head: Ptr<rcu_head>, func: (head: Ptr<rcu_head>) => void): void {
  point();
  check_access(head, rcu_head.size, true);
  const { heads } = lock_state().rcu;
  if (heads.has(head)) {
    report('object-state', `call_rcu(): Double-freed CB ${hex8(head)}->${kernel.symbol_of(func)}()!!!`);
    return;
  }
  note_callback(func);
  heads.set(head, { func, frame: pc[FRAME]!, site: pc[SITE]! });
  enqueue_callback(() => {
    heads.delete(head);
    check_access(head, rcu_head.size, false);
    call_module(func, [head], (name) => {
      report('context-imbalance', `WARNING: RCU callback ${name} returned with another context or other locks than it was called with`);
    });
  });
}

/** Frees an object once all who are inside rcu_read_lock() now have left; the name of its rcu_head is not needed. Context: any. */
export function kfree_rcu(p: Ptr | null, _member?: string): void {
  point();
  if (p !== null) enqueue_callback(() => { kfree(p); });
}

/** A task goes to sleep of its own will. Follows kernel/rcu/tree_plugin.h, rcu_note_context_switch(). */
export function rcu_note_context_switch(): void {
  const { id, current } = this_cpu;
  report('rcu', `Voluntary context switch within RCU read-side critical section!\nWARNING: CPU: ${id} PID: ${current.pid} at kernel/rcu/tree_plugin.h:320 rcu_note_context_switch`);
}
