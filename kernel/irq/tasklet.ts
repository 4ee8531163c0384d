/**
 * Tasklets: small pieces of deferred work that run in a softirq, each on one CPU at a time.
 * Follows include/linux/interrupt.h, struct tasklet_struct, and kernel/softirq.c.
 */
import { arch } from '../arch/arch.js';
import { FRAME, FRAME_NONE, pc, SITE } from '../arch/callstack.js';
import { point } from '../arch/point.js';
import { SITE_NONE } from '../arch/site.js';
import { type Cpu, per_cpu, this_cpu } from '../arch/cpu.js';
import { TASK_NORMAL, TASK_UNINTERRUPTIBLE, type task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { instruction_fetch_fault } from '../debug/fault.js';
import { type Place, report } from '../debug/report.js';
import { in_interrupt } from '../include/linux/preempt.js';
import { container_of, type Fields, fn_to_addr, fnptr, ptr, struct, type StructType, u32 } from '../lib/struct.js';
import { check_access, word_index } from '../mm/kasan/kasan.js';
import type { AnyFunction } from '../mm/function_table.js';
import { mm } from '../mm/mm.js';
import type { Ptr, Struct } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';
import { alloc_static } from '../mm/static_area.js';
import { call_module } from '../module/call.js';
import { calling_module, note_callback } from '../module/owner.js';
import { LOGLEVEL_NOTICE } from '../printk/levels.js';
import { might_sleep_at } from '../sched/might_sleep.js';
import { report_softirq_imbalance } from './softirq_report.js';
import { HI_SOFTIRQ, TASKLET_SOFTIRQ } from './softirq_vectors.js';
import type { Softirq } from './softirq.js';

export type tasklet_ptr = Ptr<Struct<'tasklet_struct'>>;
export type tasklet_fn = (tasklet: tasklet_ptr) => void;

export const tasklet_struct = struct('tasklet_struct', {
  next: ptr,
  state: u32,
  /** Not 0 while it is disabled. */
  count: u32,
  use_callback: u32,
  callback: fnptr<(arg: never) => void>(),
  data: u32,
});

const STATE = 1;
const COUNT = 2;
const USE_CALLBACK = 3;
const CALLBACK = 4;
const DATA = 5;

/** Bits of `state`: it waits in a list; it runs. */
const SCHED = 1;
const RUN = 2;

export class Tasklets {
  /** What waits, by vector and CPU. */
  private readonly lists: Record<number, number[][]>;
  /** Scheduled, but disabled or running on another CPU. Linux polls these; here they wait until that has changed. */
  private readonly parked: { tasklet: number; nr: number }[] = [];
  /** The stacks that set them up, for unwind(), by address. */
  private readonly origins = new Map<number, Place>();
  /** Tasks in tasklet_kill(). */
  private readonly waiters: { tasklet: number; task: task_struct }[] = [];

  constructor(nr_cpus: number, softirq: Softirq) {
    this.lists = {};
    for (const nr of [HI_SOFTIRQ, TASKLET_SOFTIRQ]) {
      this.lists[nr] = per_cpu(nr_cpus, () => []);
      softirq.open_softirq(nr, () => this.tasklet_action(nr));
    }
  }

  enqueue(tasklet: number, nr: number): void {
    this.lists[nr]![this_cpu.id]!.push(tasklet);
    kernel.softirq.raise_softirq(nr);
  }

  /** Addresses of those that are scheduled and have not run. */
  scheduled(): number[] {
    return [...Object.values(this.lists).flat(2), ...this.parked.map(({ tasklet }) => tasklet)];
  }

  /** A tasklet is set up here. */
  set_up(tasklet: number): void {
    this.origins.set(tasklet, { frame: pc[FRAME]!, site: pc[SITE]! });
  }

  /** Where that was. */
  origin(tasklet: number): Place {
    return this.origins.get(tasklet) ?? { frame: FRAME_NONE, site: SITE_NONE };
  }

  /** The function of a tasklet. */
  function_of(tasklet: number): AnyFunction | null {
    return mm.functions.at(i32[word_index(tasklet) + CALLBACK]!);
  }

  /** Follows tasklet_action_common(). Context: softirq. */
  private tasklet_action(nr: number): void {
    const cpu = this_cpu;
    // What is scheduled from here on has its turn in the next round.
    for (const tasklet of this.lists[nr]![cpu.id]!.splice(0)) this.run(tasklet, nr);
  }

  private run(tasklet: number, nr: number): void {
    if (!check_tasklet(tasklet)) return;
    const at = word_index(tasklet);
    if ((i32[at + STATE]! & RUN) !== 0 || i32[at + COUNT] !== 0) {
      this.parked.push({ tasklet, nr });
      return;
    }
    if ((i32[at + STATE]! & SCHED) === 0) {
      report('warn', `WARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at kernel/softirq.c:771 tasklet_action_common`);
      return;
    }
    i32[at + STATE] = RUN;
    const fn = mm.functions.at(i32[at + CALLBACK]!);
    if (fn === null) instruction_fetch_fault(i32[at + CALLBACK]!);
    kernel.trace?.event('tasklet_entry', `tasklet=${tasklet.toString(16)} function=${kernel.symbol_of(fn)}`);
    call_module(fn, [i32[at + USE_CALLBACK] !== 0 ? tasklet : i32[at + DATA]! >>> 0], leaked);
    // Linux, too, clears the bit in memory that the tasklet may have freed.
    if (!check_tasklet(tasklet)) return;
    i32[at + STATE]! &= ~RUN;
    this.unpark(tasklet);
    this.wake_up(tasklet);
    for (const cpu of arch.cpus) if (cpu.spin_address === tasklet) arch.notify(cpu);
  }

  /** The tasklet may be able to run now. */
  unpark(tasklet: number): void {
    for (let i = 0; i < this.parked.length; i++) {
      const entry = this.parked[i]!;
      if (entry.tasklet !== tasklet) continue;
      this.parked.splice(i--, 1);
      this.enqueue(tasklet, entry.nr);
    }
  }

  /** Follows wake_up_var(): the tasklet's state has changed. */
  wake_up(tasklet: number): void {
    for (const waiter of this.waiters) if (waiter.tasklet === tasklet) kernel.sched.try_to_wake_up(waiter.task, TASK_NORMAL);
  }

  /** Sleeps until the bits are clear in the tasklet's state. */
  wait(tasklet: number, bits: number): void {
    const at = word_index(tasklet);
    if ((i32[at + STATE]! & bits) === 0) return;
    const task = this_cpu.current;
    const waiter = { tasklet, task };
    this.waiters.push(waiter);
    task.waiting_for = 'tasklet_kill()';
    while ((i32[at + STATE]! & bits) !== 0) {
      task.__state = TASK_UNINTERRUPTIBLE;
      kernel.sched.schedule();
    }
    task.waiting_for = '';
    this.waiters.splice(this.waiters.indexOf(waiter), 1);
  }
}

/** What a tasklet's function leaves out of balance, it leaves so for the softirq. */
function leaked(fn: string, now: { preempt_count: number; irqs_off: number }, then: { preempt_count: number; irqs_off: number }): void {
  if (now.preempt_count !== then.preempt_count) report_softirq_imbalance(TASKLET_SOFTIRQ, then.preempt_count, now.preempt_count, fn);
  else if (now.irqs_off !== then.irqs_off) report('context-imbalance', `tasklet: ${fn} returned with interrupts disabled`);
  else report('context-imbalance', `tasklet: ${fn} returned with other locks than it was called with`);
}

function check_tasklet(tasklet: number): boolean {
  return check_access(tasklet, tasklet_struct.size, true);
}

function init(tasklet: number, fn: (arg: never) => void, use_callback: number, data: number): void {
  if (!check_tasklet(tasklet)) return;
  note_callback(fn);
  kernel.tasklets.set_up(tasklet);
  const at = word_index(tasklet);
  i32[at] = 0;
  i32[at + STATE] = 0;
  i32[at + COUNT] = 0;
  i32[at + USE_CALLBACK] = use_callback;
  i32[at + CALLBACK] = fn_to_addr(fn);
  i32[at + DATA] = data;
}

/** Prepares a tasklet: `callback(tasklet)` will run in a softirq each time it was scheduled. Context: any. */
export function tasklet_setup(tasklet: tasklet_ptr, callback: tasklet_fn): void {
  point();
  init(tasklet, callback, 1, 0);
}

/** The older tasklet_setup(): `func(data)` will run, where data is an unsigned long. Context: any. */
export function tasklet_init(tasklet: tasklet_ptr, func: (data: number) => void, data: number): void {
  point();
  init(tasklet, func, 0, data);
}

/** A tasklet of the module's own, set up. Context: a module's top level. */
export function DECLARE_TASKLET(name: string, callback: tasklet_fn): tasklet_ptr {
  const tasklet = alloc_static(tasklet_struct.size, tasklet_struct.align, calling_module(), name) as tasklet_ptr;
  init(tasklet, callback, 1, 0);
  return tasklet;
}

/** As DECLARE_TASKLET(), disabled until tasklet_enable(). Context: a module's top level. */
export function DECLARE_TASKLET_DISABLED(name: string, callback: tasklet_fn): tasklet_ptr {
  const tasklet = DECLARE_TASKLET(name, callback);
  i32[word_index(tasklet) + COUNT] = 1;
  return tasklet;
}

function schedule_on(tasklet: tasklet_ptr, nr: number): void {
  point();
  if (!check_tasklet(tasklet)) return;
  const at = word_index(tasklet);
  if ((i32[at + STATE]! & SCHED) !== 0) return;
  i32[at + STATE]! |= SCHED;
  kernel.tasklets.enqueue(tasklet, nr);
}

/** The tasklet will run once, on this CPU, soon; one that is scheduled already still runs once. Context: any. */
export function tasklet_schedule(tasklet: tasklet_ptr): void {
  schedule_on(tasklet, TASKLET_SOFTIRQ);
}

/** As tasklet_schedule(), before all other softirqs. Context: any. */
export function tasklet_hi_schedule(tasklet: tasklet_ptr): void {
  schedule_on(tasklet, HI_SOFTIRQ);
}

/** The tasklet does not run until tasklet_enable(); one that runs now goes on. Nests. Context: any. */
export function tasklet_disable_nosync(tasklet: tasklet_ptr): void {
  point();
  if (check_tasklet(tasklet)) i32[word_index(tasklet) + COUNT]!++;
}

/** As tasklet_disable_nosync(), and waits for one that runs now. Context: process, may sleep. */
export function tasklet_disable(tasklet: tasklet_ptr): void {
  tasklet_disable_nosync(tasklet);
  if (!check_tasklet(tasklet)) return;
  might_sleep_at('kernel/softirq.c:911');
  kernel.tasklets.wait(tasklet, RUN);
}

/** Undoes one tasklet_disable(). Context: any. */
export function tasklet_enable(tasklet: tasklet_ptr): void {
  point();
  if (!check_tasklet(tasklet)) return;
  const at = word_index(tasklet);
  i32[at + COUNT]!--;
  if (i32[at + COUNT] === 0) kernel.tasklets.unpark(tasklet);
}

/**
 * Waits until the tasklet has run if it is scheduled, and has returned. Whoever schedules it must have stopped, and
 * it must not be disabled. Context: process, may sleep.
 */
export function tasklet_kill(tasklet: tasklet_ptr): void {
  point();
  if (!check_tasklet(tasklet)) return;
  if (in_interrupt() !== 0) kernel.printk.emit(LOGLEVEL_NOTICE, 'softirq: Attempt to kill tasklet from interrupt');
  might_sleep_at('kernel/softirq.c:935');
  const { tasklets } = kernel;
  const at = word_index(tasklet);
  tasklets.wait(tasklet, SCHED);
  i32[at + STATE]! |= SCHED;
  tasklets.wait(tasklet, RUN);
  i32[at + STATE]! &= ~SCHED;
  tasklets.wake_up(tasklet);
}

/** Busy-waits until the tasklet does not run. Context: any but the tasklet itself. */
export function tasklet_unlock_spin_wait(tasklet: tasklet_ptr): void {
  point();
  if (!check_tasklet(tasklet)) return;
  const at = word_index(tasklet);
  const cpu: Cpu = this_cpu;
  if ((i32[at + STATE]! & RUN) !== 0) arch.spin_until(cpu, tasklet, () => (i32[at + STATE]! & RUN) !== 0);
}

/** The struct of this type that a callback's tasklet is a field of. Context: any. */
export function from_tasklet<Name extends string, F extends Fields>(
  type: StructType<Name, F>,
  tasklet: tasklet_ptr,
  field: keyof F & string,
): Ptr<Struct<Name>> {
  return container_of(tasklet as never, type, field);
}
