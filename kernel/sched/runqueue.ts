/**
 * The tasks that wait for one CPU: SCHED_FIFO tasks first, by priority, then the others in turn.
 * Follows the classes of kernel/sched/rt.c and the round-robin of older kernels in place of CFS.
 */
import type { task_struct } from '../arch/task.js';

export class RunQueue {
  private readonly fifo: task_struct[] = [];
  private readonly fair: task_struct[] = [];

  get length(): number {
    return this.fifo.length + this.fair.length;
  }

  /** `at_head`: a task that was preempted by a better one keeps its turn. */
  enqueue(task: task_struct, at_head = false): void {
    task.on_rq = true;
    if (task.rt_priority === 0) {
      if (at_head) this.fair.unshift(task);
      else this.fair.push(task);
      return;
    }
    const better = (other: task_struct): boolean =>
      at_head ? other.rt_priority > task.rt_priority : other.rt_priority >= task.rt_priority;
    let at = 0;
    while (at < this.fifo.length && better(this.fifo[at]!)) at++;
    this.fifo.splice(at, 0, task);
  }

  remove(task: task_struct): void {
    const queue = task.rt_priority === 0 ? this.fair : this.fifo;
    const at = queue.indexOf(task);
    if (at >= 0) queue.splice(at, 1);
    task.on_rq = false;
  }

  /** How many tasks could rightly run next. */
  choices(): number {
    if (this.fifo.length === 0) return this.fair.length;
    const best = this.fifo[0]!.rt_priority;
    let n = 1;
    while (n < this.fifo.length && this.fifo[n]!.rt_priority === best) n++;
    return n;
  }

  /** Takes the `n`th of choices(). */
  take(n: number): task_struct {
    const queue = this.fifo.length > 0 ? this.fifo : this.fair;
    const task = n === 0 ? queue.shift()! : queue.splice(n, 1)[0]!;
    task.on_rq = false;
    return task;
  }

  /** Priority of the best waiting task; 0 is the fair class, -1 says that none waits. */
  best_priority(): number {
    if (this.fifo.length > 0) return this.fifo[0]!.rt_priority;
    return this.fair.length > 0 ? 0 : -1;
  }

  tasks(): readonly task_struct[] {
    return [...this.fifo, ...this.fair];
  }
}
