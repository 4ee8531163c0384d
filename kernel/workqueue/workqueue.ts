/** Work queues. Follows kernel/workqueue.c: __queue_work(), pwq_dec_nr_in_flight(), drain_workqueue(). */
import { arch } from '../arch/arch.js';
import { this_cpu } from '../arch/cpu.js';
import type { task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { report } from '../debug/report.js';
import { pool_workqueue, type worker, worker_pool } from './pool.js';
import { func_of, is_detached, last_pool_of, PENDING, queued_work, set_data, set_queued } from './work.js';

/** Flags of alloc_workqueue(). */
export const WQ_UNBOUND = 1 << 1;
export const WQ_FREEZABLE = 1 << 2;
export const WQ_MEM_RECLAIM = 1 << 3;
export const WQ_HIGHPRI = 1 << 4;
export const WQ_CPU_INTENSIVE = 1 << 5;
export const WQ_SYSFS = 1 << 6;
export const __WQ_ORDERED = 1 << 17;
export const WQ_MAX_ACTIVE = 512;
export const WQ_DFL_ACTIVE = WQ_MAX_ACTIVE / 2;

/** No CPU in particular: the one that queues. */
export const WORK_CPU_UNBOUND = -1;

/** A work queue as modules hold it. */
export class workqueue_struct {
  readonly name: string;
  readonly flags: number;
  /** Items of the queue that may be active at once, for each CPU. */
  readonly max_active: number;

  constructor(name: string, flags: number, max_active: number) {
    this.name = name;
    this.flags = flags;
    this.max_active = max_active === 0 ? WQ_DFL_ACTIVE : Math.min(max_active, WQ_MAX_ACTIVE);
  }
}

export const system_wq = new workqueue_struct('events', 0, 0);
export const system_highpri_wq = new workqueue_struct('events_highpri', WQ_HIGHPRI, 0);
export const system_long_wq = new workqueue_struct('events_long', 0, 0);
export const system_unbound_wq = new workqueue_struct('events_unbound', WQ_UNBOUND, WQ_MAX_ACTIVE);
const system_queues: readonly workqueue_struct[] = [system_wq, system_highpri_wq, system_long_wq, system_unbound_wq];

/** What one machine knows of a work queue. */
export class wq_state {
  readonly wq: workqueue_struct;
  readonly pwqs: pool_workqueue[];
  /** Queued and not finished. */
  readonly in_flight = new Set<queued_work>();
  drainers = 0;

  constructor(wq: workqueue_struct, pools: readonly worker_pool[]) {
    this.wq = wq;
    this.pwqs = pools.map((pool) => new pool_workqueue(this, pool));
  }
}

export class Workqueues {
  private readonly pools: worker_pool[] = [];
  private readonly states = new Map<workqueue_struct, wq_state>();
  /** Items that wait in a queue, by address. */
  readonly pending = new Map<number, queued_work>();
  readonly workers = new Map<task_struct, worker>();
  /** Where delayed items go whose timers run, by the item's address. */
  readonly delayed_targets = new Map<number, { readonly cpu: number; readonly wq: workqueue_struct }>();
  /** Tasks that wait for somebody else's cancel_work_sync() of the same item, by the item's address. */
  readonly cancel_waiters = new Map<number, task_struct[]>();

  /** The pools of a kind of queue, by CPU. They are made at first use. */
  private pools_for(flags: number): readonly worker_pool[] {
    const highpri = (flags & WQ_HIGHPRI) !== 0;
    if ((flags & WQ_UNBOUND) !== 0) return [this.pool(-1, highpri)];
    return arch.cpus.map((cpu) => this.pool(cpu.id, highpri));
  }

  private pool(cpu: number, highpri: boolean): worker_pool {
    const index = 2 * (cpu + 1) + Number(highpri);
    return (this.pools[index] ??= new worker_pool(index + 1, cpu, highpri));
  }

  /** A queue is made. */
  add(wq: workqueue_struct): wq_state {
    const state = new wq_state(wq, this.pools_for(wq.flags));
    this.states.set(wq, state);
    return state;
  }

  remove(wq: workqueue_struct): void {
    this.states.delete(wq);
  }

  /** A queue's state; one that was destroyed is reported, and null. */
  state_of(wq: workqueue_struct, fn: string): wq_state | null {
    const state = this.states.get(wq);
    if (state !== undefined) return state;
    if (system_queues.includes(wq)) return this.add(wq);
    const { comm, pid } = this_cpu.current;
    report('kasan', `BUG: KASAN: use-after-free in ${fn}\nRead of size 4 at workqueue_struct '${wq.name}' by task ${comm}/${pid}`, (print) => {
      print('The work queue was destroyed by destroy_workqueue().');
    });
    return null;
  }

  /** Puts an item that was marked pending into a queue. Follows __queue_work(). Context: any. */
  queue_work(cpu: number, wq: workqueue_struct, work: number): void {
    const state = this.state_of(wq, 'queue_work_on');
    if (state === null) {
      set_data(work, 0, 0);
      return;
    }
    if (state.drainers > 0 && this.workers.get(this_cpu.current)?.current?.pwq.wq !== state) {
      warn_at('kernel/workqueue.c:1439', '__queue_work');
      return;
    }
    const { pwqs } = state;
    let pwq = pwqs.length === 1 ? pwqs[0]! : pwqs[cpu === WORK_CPU_UNBOUND ? this_cpu.id : cpu]!;
    // An item that still runs goes back to the worker that runs it, so that it never runs twice at once.
    const last = this.pools[last_pool_of(work) - 1];
    if (last !== undefined && last !== pwq.pool) {
      const current = last.find_worker_executing(work, func_of(work))?.current;
      if (current?.pwq.wq === state) pwq = current.pwq;
    }
    if (!is_detached(work)) {
      warn_at('kernel/workqueue.c:1502', '__queue_work');
      return;
    }
    const item = new queued_work(work, pwq, null);
    set_queued(work, true);
    set_data(work, PENDING, pwq.pool.id);
    this.pending.set(work, item);
    kernel.debug_objects.activate(item);
    this.insert(item);
  }

  /** Queues a function of the kernel's own. */
  queue_own(cpu: number, wq: workqueue_struct, own: () => void): queued_work {
    const state = this.state_of(wq, 'queue_work_on')!;
    const item = new queued_work(0, state.pwqs[cpu]!, own);
    this.insert(item);
    return item;
  }

  private insert(item: queued_work): void {
    const { pwq } = item;
    pwq.wq.in_flight.add(item);
    if (pwq.nr_active >= pwq.wq.wq.max_active) {
      pwq.inactive.push(item);
      return;
    }
    pwq.nr_active++;
    pwq.pool.insert_work(item);
  }

  /** An item has run. */
  finished(item: queued_work): void {
    const { pwq } = item;
    pwq.wq.in_flight.delete(item);
    pwq.nr_active--;
    this.activate(pwq);
    item.finish();
  }

  private activate(pwq: pool_workqueue): void {
    const next = pwq.inactive.shift();
    if (next === undefined) return;
    pwq.nr_active++;
    pwq.pool.insert_work(next);
  }

  /** Takes an item out of its queue; it stays marked as pending. */
  dequeue(item: queued_work): void {
    const { pwq, address } = item;
    this.pending.delete(address);
    kernel.debug_objects.deactivate(item);
    set_queued(address, false);
    const at = pwq.inactive.indexOf(item);
    if (at >= 0) {
      pwq.inactive.splice(at, 1);
      pwq.wq.in_flight.delete(item);
      item.finish();
      return;
    }
    for (const list of [pwq.pool.worklist, ...pwq.pool.workers.map((other) => other.scheduled)]) {
      const place = list.indexOf(item);
      if (place >= 0) list.splice(place, 1);
    }
    this.finished(item);
  }

  /** The queueing of an item that runs now, or null. */
  executing(work: number): queued_work | null {
    const pool = this.pools[last_pool_of(work) - 1];
    return pool?.find_worker_executing(work, func_of(work))?.current ?? null;
  }

  // The scheduler's hooks

  wq_worker_sleeping(task: task_struct): void {
    const self = this.workers.get(task);
    if (self !== undefined) self.pool.sleeping(self);
  }

  wq_worker_running(task: task_struct): void {
    const self = this.workers.get(task);
    if (self !== undefined) self.pool.running(self);
  }

  wq_worker_dead(task: task_struct): void {
    const self = this.workers.get(task);
    if (self === undefined) return;
    this.workers.delete(task);
    self.pool.dead(self);
  }
}

/** WARN_ON() in a function of the work queues; `where` is Linux 6.1's file and line. */
export function warn_at(where: string, fn: string): void {
  report('warn', `WARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at ${where} ${fn}`);
}

/** Current item of the running worker; null in any other task. */
export function current_work(): queued_work | null {
  return kernel.workqueues.workers.get(this_cpu.current)?.current ?? null;
}
