/** All tasks that have not ended, in the order in which they were made. Linux: init_task.tasks. */
import type { task_struct } from '../arch/task.js';

export class TaskList {
  private first: task_struct | null = null;
  private last: task_struct | null = null;
  /** How many there are. */
  length = 0;

  add(task: task_struct): void {
    const { last } = this;
    this.length++;
    task.task_before = last;
    if (last === null) this.first = task;
    else last.task_behind = task;
    this.last = task;
  }

  delete(task: task_struct): void {
    this.length--;
    const { task_before, task_behind } = task;
    if (task_before === null) this.first = task_behind;
    else task_before.task_behind = task_behind;
    if (task_behind === null) this.last = task_before;
    else task_behind.task_before = task_before;
    task.task_before = task.task_behind = null;
  }

  /** The task with this pid, or null. */
  get(pid: number): task_struct | null {
    for (let task = this.first; task !== null; task = task.task_behind) if (task.pid === pid) return task;
    return null;
  }

  values(): task_struct[] {
    const all: task_struct[] = [];
    for (let task = this.first; task !== null; task = task.task_behind) all.push(task);
    return all;
  }
}
