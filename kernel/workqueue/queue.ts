/** Setting work up and queueing it. Follows include/linux/workqueue.h and kernel/workqueue.c. */
import { arch } from '../arch/arch.js';
import { point } from '../arch/point.js';
import { kernel } from '../current.js';
import { debug_print_object } from '../lib/debugobjects.js';
import { fn_to_addr } from '../lib/struct.js';
import { vsprintf } from '../lib/vsprintf.js';
import { GFP_KERNEL } from '../mm/gfp_types.js';
import { word_index } from '../mm/kasan/kasan.js';
import { i32 } from '../mm/ram.js';
import { alloc_static } from '../mm/static_area.js';
import { call_module } from '../module/call.js';
import { calling_module, note_callback } from '../module/owner.js';
import { format_env } from '../printk/format_env.js';
import { might_alloc, might_sleep_at } from '../sched/might_sleep.js';
import { cancel_work_sync } from './flush.js';
import { leaked } from './pool.js';
import { check_work, data_of, FUNC, func_of, last_pool_of, PENDING, set_data, set_queued, type work_func_t, type work_ptr, work_struct } from './work.js';
import { __WQ_ORDERED, system_wq, WORK_CPU_UNBOUND, WQ_MEM_RECLAIM, WQ_UNBOUND, workqueue_struct } from './workqueue.js';

/** Prepares an item in checked memory. */
export function init_work(work: work_ptr, func: work_func_t | null): void {
  if (!check_work(work)) return;
  note_callback(func);
  if (kernel.workqueues.pending.has(work) && (data_of(work) & PENDING) !== 0) {
    debug_print_object('init', 'active', 'work_struct', func_of(work));
    cancel_work_sync(work);
  }
  set_data(work, 0, 0);
  set_queued(work, false);
  i32[word_index(work) + FUNC] = fn_to_addr(func);
}

/** Prepares a work item: `func(work)` will run in a worker thread each time it was queued. Context: any. */
export function INIT_WORK(work: work_ptr, func: work_func_t | null): void {
  point();
  init_work(work, func);
}

/** A work item of the module's own, set up. A name, which C needs, may come first. Context: a module's top level. */
export function DECLARE_WORK(func: work_func_t): work_ptr;
export function DECLARE_WORK(name: string, func: work_func_t): work_ptr;
export function DECLARE_WORK(first: string | work_func_t, second?: work_func_t): work_ptr {
  const [name, func] = typeof first === 'string' ? [first, second!] : [first.name, first];
  const work = alloc_static(work_struct.size, work_struct.align, calling_module(), name) as work_ptr;
  init_work(work, func);
  return work;
}

/** 1 where the item waits in a queue, or for its delay. Context: any. */
export function work_pending(work: work_ptr): number {
  point();
  return check_work(work) ? data_of(work) & PENDING : 0;
}

/** Marks as pending and queues; false where it was pending. */
export function queue(cpu: number, wq: workqueue_struct, work: number): boolean {
  if (!check_work(work) || (data_of(work) & PENDING) !== 0) return false;
  if (cpu !== WORK_CPU_UNBOUND && arch.cpus[cpu] === undefined) throw new RangeError(`queue_work_on: this machine has no CPU ${cpu}`);
  set_data(work, PENDING, last_pool_of(work));
  kernel.workqueues.queue_work(cpu, wq, work);
  return true;
}

/** Queues the item. Returns false where it was in a queue already: then it runs once all the same. Context: any. */
export function queue_work(wq: workqueue_struct, work: work_ptr): boolean {
  point();
  return queue(WORK_CPU_UNBOUND, wq, work);
}

/** As queue_work(), to be run on one CPU. Context: any. */
export function queue_work_on(cpu: number, wq: workqueue_struct, work: work_ptr): boolean {
  point();
  return queue(cpu, wq, work);
}

/** As queue_work(), in the queue that all of the kernel shares. Context: any. */
export function schedule_work(work: work_ptr): boolean {
  point();
  return queue(WORK_CPU_UNBOUND, system_wq, work);
}

/** As schedule_work(), to be run on one CPU. Context: any. */
export function schedule_work_on(cpu: number, work: work_ptr): boolean {
  point();
  return queue(cpu, system_wq, work);
}

/**
 * Makes a work queue whose name is formatted as by printk(); `max_active` of its items may be active at once on a
 * CPU, 0 being the usual number. Context: process, may sleep.
 */
export function alloc_workqueue(fmt: string, flags: number, max_active: number, ...args: unknown[]): workqueue_struct {
  point();
  might_alloc(GFP_KERNEL);
  const wq = new workqueue_struct(vsprintf(fmt, args, format_env), flags, max_active);
  kernel.workqueues.add(wq);
  kernel.registrations.add('workqueue', wq, wq.name);
  return wq;
}

/** A queue that runs one item at a time, in the order of queueing. Context: process, may sleep. */
export function alloc_ordered_workqueue(fmt: string, flags: number, ...args: unknown[]): workqueue_struct {
  return alloc_workqueue(fmt, WQ_UNBOUND | __WQ_ORDERED | flags, 1, ...args);
}

/** As alloc_ordered_workqueue(), under its older name. Context: process, may sleep. */
export function create_singlethread_workqueue(name: string): workqueue_struct {
  return alloc_ordered_workqueue('%s', WQ_MEM_RECLAIM, name);
}

/** A queue that runs one item at a time on each CPU. Context: process, may sleep. */
export function create_workqueue(name: string): workqueue_struct {
  return alloc_workqueue('%s', WQ_MEM_RECLAIM, 1, name);
}

/** Runs `fn(arg)` in process context on a CPU, waits for its end, and returns what it returned. Context: process, may sleep. */
export function work_on_cpu<T>(cpu: number, fn: (arg: T) => number, arg: T): number {
  point();
  if (arch.cpus[cpu] === undefined) throw new RangeError(`work_on_cpu: this machine has no CPU ${cpu}`);
  might_sleep_at('kernel/workqueue.c:3017');
  let ret = 0;
  note_callback(fn);
  kernel.workqueues
    .queue_own(cpu, system_wq, () => {
      ret = call_module(fn, [arg], leaked) ?? 0;
    })
    .wait('work_on_cpu()');
  return ret;
}
