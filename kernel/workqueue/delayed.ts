/** Work with a delay: a work item and the timer that queues it. Follows struct delayed_work and kernel/workqueue.c. */
import { arch } from '../arch/arch.js';
import { point } from '../arch/point.js';
import { kernel } from '../current.js';
import { jiffies } from '../include/linux/jiffies.js';
import { struct } from '../lib/struct.js';
import { check_access } from '../mm/kasan/kasan.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { alloc_static } from '../mm/static_area.js';
import { calling_module } from '../module/owner.js';
import { arm_timer, disarm_timer, init_timer, timer_list, timer_of, type timer_ptr, TIMER_IRQSAFE } from '../time/timer_list.js';
import { cancel, cancel_sync, flush_work, try_to_grab_pending } from './flush.js';
import { init_work } from './queue.js';
import { CANCELING, data_of, func_of, last_pool_of, PENDING, set_data, type work_func_t, type work_ptr, work_struct } from './work.js';
import { system_wq, warn_at, WORK_CPU_UNBOUND, type workqueue_struct } from './workqueue.js';

export type delayed_ptr = Ptr<Struct<'delayed_work'>>;

export const delayed_work = struct('delayed_work', { work: work_struct, timer: timer_list });
const TIMER = delayed_work.offsets.timer;

function check_delayed(dwork: delayed_ptr): boolean {
  return check_access(dwork, delayed_work.size, true);
}

function work_of(dwork: delayed_ptr): work_ptr {
  return dwork as number as work_ptr;
}

/** The delayed work item that a function's work item is a part of. Context: any. */
export function to_delayed_work(work: work_ptr): delayed_ptr {
  return work as number as delayed_ptr;
}

/** Context: softirq. */
function delayed_work_timer_fn(timer: timer_ptr): void {
  const work = timer - TIMER;
  const target = kernel.workqueues.delayed_targets.get(work);
  if (target === undefined) return;
  kernel.workqueues.delayed_targets.delete(work);
  kernel.workqueues.queue_work(target.cpu, target.wq, work);
}

function disarm(dwork: number): boolean {
  const record = timer_of(dwork + TIMER);
  if (record === null || !disarm_timer(record)) return false;
  kernel.workqueues.delayed_targets.delete(dwork);
  return true;
}

function init(dwork: delayed_ptr, func: work_func_t): void {
  if (!check_delayed(dwork)) return;
  init_work(work_of(dwork), func);
  // The report of a timer that is pending where it must not be names the work's function.
  init_timer(dwork + TIMER, delayed_work_timer_fn, TIMER_IRQSAFE).hint = () => func_of(dwork);
}

/** Prepares a delayed work item. Context: any. */
export function INIT_DELAYED_WORK(dwork: delayed_ptr, func: work_func_t): void {
  point();
  init(dwork, func);
}

/** A delayed work item of the module's own, set up. Context: a module's top level. */
export function DECLARE_DELAYED_WORK(func: work_func_t): delayed_ptr;
export function DECLARE_DELAYED_WORK(name: string, func: work_func_t): delayed_ptr;
export function DECLARE_DELAYED_WORK(first: string | work_func_t, second?: work_func_t): delayed_ptr {
  const [name, func] = typeof first === 'string' ? [first, second!] : [first.name, first];
  const dwork = alloc_static(delayed_work.size, delayed_work.align, calling_module(), name) as delayed_ptr;
  init(dwork, func);
  return dwork;
}

/** Follows __queue_delayed_work(): the item is marked as pending. */
function start(cpu: number, wq: workqueue_struct, dwork: delayed_ptr, delay: number): void {
  if (delay === 0) {
    kernel.workqueues.queue_work(cpu, wq, dwork);
    return;
  }
  const record = timer_of(dwork + TIMER);
  if (record === null) return;
  if (record.function !== delayed_work_timer_fn) warn_at('kernel/workqueue.c:1644', '__queue_delayed_work');
  kernel.workqueues.delayed_targets.set(dwork, { cpu, wq });
  const target = cpu === WORK_CPU_UNBOUND ? undefined : arch.cpus[cpu];
  arm_timer(record, (jiffies + delay) >>> 0, target);
}

/** Queues the item in `delay` ticks, on a CPU of the caller's choice. Returns false where it was pending. Context: any. */
export function queue_delayed_work_on(cpu: number, wq: workqueue_struct, dwork: delayed_ptr, delay: number): boolean {
  point();
  if (!check_delayed(dwork) || (data_of(dwork) & PENDING) !== 0) return false;
  set_data(dwork, PENDING, last_pool_of(dwork));
  start(cpu, wq, dwork, delay);
  return true;
}

/** Queues the item in `delay` ticks. Returns false where it was pending. Context: any. */
export function queue_delayed_work(wq: workqueue_struct, dwork: delayed_ptr, delay: number): boolean {
  return queue_delayed_work_on(WORK_CPU_UNBOUND, wq, dwork, delay);
}

/** As queue_delayed_work(), in the queue that all of the kernel shares. Context: any. */
export function schedule_delayed_work(dwork: delayed_ptr, delay: number): boolean {
  return queue_delayed_work_on(WORK_CPU_UNBOUND, system_wq, dwork, delay);
}

/** Queues the item in `delay` ticks whether it was pending or not; returns whether it was. Context: any. */
export function mod_delayed_work(wq: workqueue_struct, dwork: delayed_ptr, delay: number): boolean {
  point();
  if (!check_delayed(dwork)) return false;
  const ret = try_to_grab_pending(dwork, () => disarm(dwork));
  if (ret < 0) return false;
  set_data(dwork, PENDING, last_pool_of(dwork));
  start(WORK_CPU_UNBOUND, wq, dwork, delay);
  return ret === 1;
}

/** Queues an item that waits for its delay at once, and waits until it has run. Context: process, may sleep. */
export function flush_delayed_work(dwork: delayed_ptr): boolean {
  point();
  if (!check_delayed(dwork)) return false;
  const target = kernel.workqueues.delayed_targets.get(dwork);
  if (disarm(dwork)) kernel.workqueues.queue_work(target?.cpu ?? WORK_CPU_UNBOUND, target?.wq ?? system_wq, dwork);
  return flush_work(work_of(dwork));
}

/** Takes the item back. Returns true where it was pending. It may still be running. Context: any. */
export function cancel_delayed_work(dwork: delayed_ptr): boolean {
  point();
  return check_delayed(dwork) && cancel(dwork, () => disarm(dwork));
}

/** As cancel_work_sync(), for a delayed item. Context: process, may sleep; not from the item itself. */
export function cancel_delayed_work_sync(dwork: delayed_ptr): boolean {
  point();
  return check_delayed(dwork) && cancel_sync(dwork, () => disarm(dwork));
}

/** 1 where the item waits, for its delay or in its queue. Context: any. */
export function delayed_work_pending(dwork: delayed_ptr): number {
  point();
  return check_delayed(dwork) ? data_of(dwork) & PENDING & ~CANCELING : 0;
}
