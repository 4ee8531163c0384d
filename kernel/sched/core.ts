/** The scheduler. Follows kernel/sched/core.c: __schedule(), try_to_wake_up(), wake_up_new_task(), scheduler_tick(). */
import { arch } from '../arch/arch.js';
import { type Cpu, CPU_IDLE, host_cpu, IRQ_RESCHEDULE, kick, per_cpu, this_cpu } from '../arch/cpu.js';
import { PF_EXITING, PF_KTHREAD, PF_WQ_WORKER, TASK_DEAD, TASK_NEW, TASK_NORMAL, TASK_RUNNING, task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { debug_show_any_held_locks, panic, print_place, report } from '../debug/report.js';
import { PREEMPT_MASK } from '../include/linux/preempt.js';
import { set_current } from '../include/asm/current.js';
import { rcu_note_context_switch } from '../rcu/update.js';
import { RunQueue } from './runqueue.js';
import { start_task } from './start.js';
import { TaskList } from './task_list.js';

/** Ticks a task of the fair class runs before another has its turn: Linux's 100 ms at 100 Hz, rounded to ours. */
const TIME_SLICE_TICKS = 4;

/** Pids 1 to this are the kernel's own; the first process of a user gets the next. */
const FIRST_USER_PID = 38;

/** A task that was made, and the one made before it. */
interface Named {
  readonly pid: number;
  readonly comm: string;
  readonly earlier: Named | null;
}

export class Sched {
  readonly rqs: readonly RunQueue[];
  readonly tasks = new TaskList();
  /** The newest of all tasks so far: reports name who is gone. */
  private named: Named | null = null;
  private last_pid = 1;
  private last_user_pid = FIRST_USER_PID - 1;
  /** Context switches so far. */
  switches = 0;

  constructor(cpus: readonly Cpu[]) {
    this.rqs = per_cpu(cpus.length, (id) => new RunQueue(cpus[id]!));
  }

  current(): task_struct {
    return this_cpu.current;
  }

  /** Name that the task of this pid was made with. */
  comm_of(pid: number): string {
    for (let one = this.named; one !== null; one = one.earlier) if (one.pid === pid) return one.comm;
    return `swapper/${pid}`;
  }

  /** A task that has not started. `fn` runs on its own stack once it is woken. */
  create_task(comm: string, flags: number, fn: (this: void, task: task_struct) => number): task_struct {
    const pid = (flags & PF_KTHREAD) !== 0 && this.last_pid < FIRST_USER_PID - 1 ? ++this.last_pid : ++this.last_user_pid;
    const task = new task_struct(pid, comm.length > 15 ? comm.slice(0, 15) : comm, flags, fn);
    this.tasks.add(task);
    this.named = { pid, comm: task.comm, earlier: this.named };
    return task;
  }

  /** The CPU that a waking task goes to: where it was if that is free, else a free one, else the shortest queue. */
  private select_task_rq(task: task_struct): Cpu {
    const { cpus } = arch;
    const { cpus_mask } = task;
    const last = cpus[task.cpu]!;
    if ((cpus_mask & (1 << last.id)) !== 0 && is_free(last)) return last;
    let best: Cpu | null = null;
    let best_load = Infinity;
    for (const cpu of cpus) {
      if ((cpus_mask & (1 << cpu.id)) === 0) continue;
      if (is_free(cpu)) return cpu;
      const load = cpu.nr_queued + (cpu === last ? 0 : 0.5);
      if (load < best_load) {
        best = cpu;
        best_load = load;
      }
    }
    // A mask of CPUs that this machine does not have is as good as none.
    return best ?? cpus[0]!;
  }

  private activate(task: task_struct): void {
    const cpu = this.select_task_rq(task);
    task.cpu = cpu.id;
    task.__state = TASK_RUNNING;
    task.time_slice = TIME_SLICE_TICKS;
    const rq = this.rqs[cpu.id]!;
    rq.enqueue(task);
    if (cpu.current === cpu.idle || task.rt_priority > cpu.current.rt_priority) this.resched_curr(cpu);
  }

  /** `cpu` is to call schedule() as soon as it may. */
  resched_curr(cpu: Cpu): void {
    cpu.need_resched = 1;
    if (cpu !== this_cpu && cpu.state !== CPU_IDLE) cpu.irq_pending |= IRQ_RESCHEDULE;
    arch.notify(cpu);
  }

  wake_up_new_task(task: task_struct): void {
    if (task.__state !== TASK_NEW) return;
    task.cpu = this_cpu === host_cpu ? 0 : this_cpu.id;
    this.activate(task);
  }

  /** Wakes a task that sleeps in one of the states of the mask. Returns true when it did. Context: any. */
  try_to_wake_up(task: task_struct, states: number): boolean {
    if ((task.__state & states) === 0) return false;
    if (task.on_rq || arch.cpus[task.cpu]!.current === task) {
      // It has announced its sleep and not gone yet.
      task.__state = TASK_RUNNING;
      return true;
    }
    this.activate(task);
    return true;
  }

  /** Gives up the CPU. The task's state says until when. Context: process, preemption enabled. */
  schedule(): void {
    const task = this_cpu.current;
    // A worker that sleeps lets another of its pool run. Follows sched_submit_work() and sched_update_worker().
    const worker = (task.flags & PF_WQ_WORKER) !== 0;
    if (worker && task.__state !== TASK_RUNNING) kernel.workqueues.wq_worker_sleeping(task);
    this.__schedule(false);
    if (worker) kernel.workqueues.wq_worker_running(task);
  }

  /** The bottom of every task's stack. */
  start_task(task: task_struct): void {
    this.finish_task_switch();
    start_task(task);
  }

  __schedule(preempt: boolean): void {
    const cpu = this_cpu;
    const prev = cpu.current;
    if (!preempt) this.schedule_debug(cpu, prev);
    if (!preempt && prev.rcu_read_lock_nesting > 0) rcu_note_context_switch();
    const rq = this.rqs[cpu.id]!;
    cpu.need_resched = 0;
    if (prev !== cpu.idle && (preempt || prev.__state === TASK_RUNNING)) rq.enqueue(prev, preempt && prev.time_slice > 0);
    const next = this.pick_next_task(cpu);
    if (next !== prev) {
      prev.preempt_count = cpu.preempt_count;
      prev.switch_count++;
      this.set_curr(cpu, next);
      arch.switch_to(prev, next);
      this_cpu.preempt_count = prev.preempt_count;
    }
    this.finish_task_switch();
  }

  /** As finish_lock_switch(): whatever the flag was, a task comes back with interrupts enabled. */
  private finish_task_switch(): void {
    const cpu = this_cpu;
    cpu.irqs_off = 0;
    if (cpu.current.check_return !== null) kick(cpu);
    if (cpu.irq_pending !== 0) kernel.irq.deliver(cpu);
  }

  private set_curr(cpu: Cpu, next: task_struct): void {
    kernel.trace?.event('sched_switch', `next_comm=${next.comm} next_pid=${next.pid}`);
    cpu.current = next;
    next.cpu = cpu.id;
    cpu.preempt_count = next.preempt_count;
    // As finish_lock_switch(): an idle CPU, too, must hear its interrupts, whoever went to sleep with them disabled.
    cpu.irqs_off = 0;
    set_current(next);
    this.switches++;
    if (next !== cpu.idle) kernel.time.start_tick(cpu);
  }

  pick_next_task(cpu: Cpu): task_struct {
    const rq = this.rqs[cpu.id]!;
    const n = rq.choices();
    if (n === 0) return cpu.idle;
    const task = rq.take(n === 1 ? 0 : arch.choose('task', n));
    if (task.time_slice <= 0) task.time_slice = TIME_SLICE_TICKS;
    return task;
  }

  /** The machine found this idle CPU's queue filled: its idle task has gone to sleep already, so no stack is left. */
  leave_idle(cpu: Cpu): void {
    cpu.need_resched = 0;
    cpu.idle.preempt_count = cpu.preempt_count;
    this.set_curr(cpu, this.pick_next_task(cpu));
  }

  /** Follows schedule_debug() and __schedule_bug(). */
  private schedule_debug(cpu: Cpu, prev: task_struct): void {
    if (cpu.preempt_count === 0 || prev.__state === TASK_DEAD) return;
    // schedule() itself counts one, as the number in the report does.
    const count = (cpu.preempt_count + 1).toString(16).padStart(8, '0');
    report('schedule-in-atomic', `BUG: scheduling while atomic: ${prev.comm}/${prev.pid}/0x${count}`, (print) => {
      debug_show_any_held_locks(print, prev);
      if ((cpu.preempt_count & PREEMPT_MASK) !== 0) {
        print_place(print, 'Preemption disabled at', cpu.preempt_off_frame, cpu.preempt_off_site);
      }
    });
    // Follows dequeue_task_idle(), whose complaint is Linux's last word before the CPU is lost.
    if (prev === cpu.idle) panic('bad: scheduling from the idle thread!');
    cpu.preempt_count = 0;
  }

  /** The running task ends: another is current from here on, and nobody comes back to this stack. */
  exit_current(): void {
    const cpu = this_cpu;
    const prev = cpu.current;
    prev.__state = TASK_DEAD;
    prev.flags |= PF_EXITING;
    this.tasks.delete(prev);
    if (prev.exit_waiters !== null) for (const waiter of prev.exit_waiters) this.try_to_wake_up(waiter, TASK_NORMAL);
    if ((prev.flags & PF_WQ_WORKER) !== 0) kernel.workqueues.wq_worker_dead(prev);
    cpu.need_resched = 0;
    this.set_curr(cpu, this.pick_next_task(cpu));
    cpu.irqs_off = 0;
  }

  /** As exit_current(), from any depth of the stack. Follows kernel/exit.c, do_task_dead(). */
  do_task_dead(): never {
    const prev = this_cpu.current;
    this.exit_current();
    return arch.switch_to_last(prev);
  }

  /** Every tick of a CPU that runs a task. Context: hard interrupt. */
  scheduler_tick(cpu: Cpu): void {
    const task = cpu.current;
    if (task === cpu.idle || task.rt_priority > 0) return;
    if (--task.time_slice <= 0 && this.rqs[cpu.id]!.best_priority() >= 0) cpu.need_resched = 1;
  }

  /** How many ticks are left to a waiting task do not matter: it is only that a CPU with work needs its tick. */
  is_busy(cpu: Cpu): boolean {
    return cpu.current !== cpu.idle || cpu.nr_queued > 0;
  }
}

function is_free(cpu: Cpu): boolean {
  return cpu.nr_queued === 0 && cpu.current === cpu.idle;
}
