/**
 * Read-copy-update. Follows include/linux/rcupdate.h, kernel/rcu/tree.c and kernel/rcu/update.c, which are the
 * sources of all functions.
 */
import { arch } from '../arch/arch.js';
import { FRAME, pc, SITE } from '../arch/callstack.js';
import { this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { instruction_fetch_fault } from '../debug/fault.js';
import { report } from '../debug/report.js';
import { debug_print_object } from '../lib/debugobjects.js';
import { fn_to_addr, ptr, struct } from '../lib/struct.js';
import { caller_line } from '../locking/caller_place.js';
import { lock_report } from '../locking/lockdep.js';
import { lock_state } from '../locking/lock_state.js';
import { check_access } from '../mm/kasan/kasan.js';
import { offset_of } from '../mm/kasan/record.js';
import { hex8 } from '../mm/layout.js';
import { mm } from '../mm/mm.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { view } from '../mm/ram.js';
import { kfree } from '../mm/slab/kmalloc.js';
import { object_at } from '../mm/slab/object.js';
import { call_module } from '../module/call.js';
import { KERN_SOH } from '../printk/levels.js';
import { vprintk } from '../printk/printk.js';
import { might_sleep_at } from '../sched/might_sleep.js';
import type { RcuHead } from './rcu_state.js';
import { enqueue_callback, wait_rcu_gp } from './tree.js';

/** 8 bytes in a struct that call_rcu() is to free. */
export const rcu_head = struct('callback_head', { next: ptr, func: ptr });
export type rcu_head = Struct<'callback_head'>;

/** Offset of `func` in it. */
const FUNC = 4;

/** What debug objects say of a head between call_rcu() and its callback. */
const STATE_RCU_HEAD_QUEUED = 1;

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

/** Follows RCU_LOCKDEP_WARN() and lockdep_rcu_suspicious(): once for each place, and lockdep stays on. */
function suspicious(where: string, what: string): void {
  if (!lock_state().debug_locks || !mm.once(`${where} ${what}`)) return;
  const { comm, pid, rcu_read_lock_nesting } = this_cpu.current;
  report('rcu', `WARNING: suspicious RCU usage\n${where} ${what}`, (print) => {
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

/** Marks what is to be called, or freed, after a grace period. Returns false, after a report, where it is marked. Follows debug_rcu_head_queue(). */
function debug_rcu_head_queue(address: number, func: RcuHead['func']): boolean {
  const { heads } = lock_state().rcu;
  if (heads.has(address)) {
    debug_print_object('activate', 'active', 'rcu_head', null, STATE_RCU_HEAD_QUEUED);
    return false;
  }
  heads.set(address, { func, frame: pc[FRAME]!, site: pc[SITE]! });
  return true;
}

function debug_rcu_head_unqueue(address: number): void {
  lock_state().rcu.heads.delete(address);
}

/** What runs in the place of a callback whose head was queued twice: whose it was, nobody can tell. */
function rcu_leak_callback(_head: Ptr<rcu_head>): void {
  // The object stays where it is: nobody frees it.
}

function set_func(head: number, func: number): void {
  view.setInt32(offset_of(head) + FUNC, func, true);
}

/**
 * Calls `func(head)` once all who are inside rcu_read_lock() now have left. `head` lies in the struct that is to go.
 * A head that waits already is reported, and neither of its functions is called.
 * Context: any; the callback runs in softirq context.
 */
export function call_rcu(head: Ptr<rcu_head>, func: (head: Ptr<rcu_head>) => void): void {
  point();
  check_access(head, rcu_head.size, true);
  if (!debug_rcu_head_queue(head, func)) {
    double_freed(head);
    set_func(head, fn_to_addr(rcu_leak_callback));
    return;
  }
  set_func(head, fn_to_addr(func));
  enqueue_callback(() => {
    debug_rcu_head_unqueue(head);
    check_access(head, rcu_head.size, false);
    const address = view.getInt32(offset_of(head) + FUNC, true);
    set_func(head, 0);
    const callback = mm.functions.at(address) as ((head: Ptr<rcu_head>) => void) | null;
    if (callback === null) instruction_fetch_fault(address);
    if (callback === rcu_leak_callback) return;
    call_module(callback, [head], (name) => {
      report('context-imbalance', `WARNING: RCU callback ${name} returned with another context or other locks than it was called with`);
    });
  });
}

/** Says which callback waits. Follows __call_rcu_common() and kmem_dump_obj(): no more than three a boot. */
function double_freed(head: Ptr<rcu_head>): void {
  const state = lock_state().rcu;
  if (++state.doublefrees >= 4) return;
  const object = object_at(head);
  const owner = object === null ? ' non-slab/vmalloc memory' : ` slab ${object.cache} start ${hex8(object.addr)} pointer offset ${head - object.addr} size ${object.size}`;
  const waiting = mm.functions.at(view.getInt32(offset_of(head) + FUNC, true));
  vprintk(`${KERN_SOH}3rcu: call_rcu(): Double-freed CB %p->%pS()!!!  %s\n`, [head, waiting, owner]);
}

/**
 * Frees an object once all who are inside rcu_read_lock() now have left; the name of its rcu_head is not needed. An
 * object that waits already is reported, and freed once. Context: any.
 */
export function kfree_rcu(p: Ptr | null, _member?: string): void {
  point();
  if (p === null) return;
  if (!debug_rcu_head_queue(p, null)) {
    const where = 'kernel/rcu/tree.c:3426';
    if (mm.once(where)) report('warn', `kvfree_call_rcu(): Double-freed call. rcu_head ${hex8(p)}\nWARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at ${where} kvfree_call_rcu`);
    return;
  }
  enqueue_callback(() => {
    debug_rcu_head_unqueue(p);
    kfree(p);
  });
}

/** A task goes to sleep of its own will. Follows kernel/rcu/tree_plugin.h, rcu_note_context_switch(). */
export function rcu_note_context_switch(): void {
  const { id, current } = this_cpu;
  report('rcu', `Voluntary context switch within RCU read-side critical section!\nWARNING: CPU: ${id} PID: ${current.pid} at kernel/rcu/tree_plugin.h:320 rcu_note_context_switch`);
}
