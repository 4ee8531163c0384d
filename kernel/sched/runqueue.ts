/**
 * The tasks that wait for one CPU: SCHED_FIFO tasks first, by priority, then the others in turn.
 * Follows the classes of kernel/sched/rt.c and the round-robin of older kernels in place of CFS.
 */
import type { Cpu } from '../arch/cpu.js';
import type { task_struct } from '../arch/task.js';

const NO_TASKS: readonly task_struct[] = [];

export class RunQueue {
  private readonly cpu: Cpu;
  /** Replaced, never changed: few machines have any. */
  private fifo = NO_TASKS;
  /** First and last of the others, which are linked by next_in_queue. */
  private first: task_struct | null = null;
  private last: task_struct | null = null;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
  }

  /** Tasks that wait, of both classes. */
  get length(): number {
    return this.cpu.nr_queued;
  }

  /** `at_head`: a task that was preempted by a better one keeps its turn. */
  enqueue(task: task_struct, at_head = false): void {
    task.on_rq = true;
    this.cpu.nr_queued++;
    if (task.rt_priority === 0) {
      if (at_head) this.link(null, task);
      else this.link(this.last, task);
      return;
    }
    const better = (other: task_struct): boolean =>
      at_head ? other.rt_priority > task.rt_priority : other.rt_priority >= task.rt_priority;
    let at = 0;
    while (at < this.fifo.length && better(this.fifo[at]!)) at++;
    this.fifo = this.fifo.toSpliced(at, 0, task);
  }

  /** Puts a task behind another; null: before all. */
  private link(before: task_struct | null, task: task_struct): void {
    if (before === null) {
      task.next_in_queue = this.first;
      this.first = task;
    } else {
      task.next_in_queue = before.next_in_queue;
      before.next_in_queue = task;
    }
    if (task.next_in_queue === null) this.last = task;
  }

  /** Takes out the task behind another; null: the first. */
  private unlink(before: task_struct | null): task_struct {
    const task = before === null ? this.first! : before.next_in_queue!;
    if (before === null) this.first = task.next_in_queue;
    else before.next_in_queue = task.next_in_queue;
    if (this.last === task) this.last = before;
    task.next_in_queue = null;
    return task;
  }

  /** How many tasks could rightly run next. */
  choices(): number {
    if (this.fifo.length === 0) return this.length;
    const best = this.fifo[0]!.rt_priority;
    let n = 1;
    while (n < this.fifo.length && this.fifo[n]!.rt_priority === best) n++;
    return n;
  }

  /** Takes the `n`th of choices(). */
  take(n: number): task_struct {
    const task = this.fifo.length > 0 ? this.take_fifo(n) : this.take_fair(n);
    this.cpu.nr_queued--;
    task.on_rq = false;
    return task;
  }

  private take_fifo(n: number): task_struct {
    const task = this.fifo[n]!;
    this.fifo = this.fifo.toSpliced(n, 1);
    return task;
  }

  private take_fair(n: number): task_struct {
    let before: task_struct | null = null;
    for (let i = 0; i < n; i++) before = before === null ? this.first : before.next_in_queue;
    return this.unlink(before);
  }

  /** Priority of the best waiting task; 0 is the fair class, -1 says that none waits. */
  best_priority(): number {
    if (this.fifo.length > 0) return this.fifo[0]!.rt_priority;
    return this.length > 0 ? 0 : -1;
  }
}
