/** The running task. Follows arch/x86/include/asm/current.h; a live binding, as it is a macro in C. */
import { host_cpu } from '../../arch/cpu.js';
import type { task_struct } from '../../arch/task.js';

export let current: task_struct = host_cpu.current;

/** The scheduler has put another task on the CPU. */
export function set_current(task: task_struct): void {
  if (current !== task) current = task;
}
