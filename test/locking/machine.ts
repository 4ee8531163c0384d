/** What the tests of locks share: a task on a CPU of its own, and a panic as a value. */
import { KernelPanic, type Machine } from 'ringzero';
import { TASK_UNINTERRUPTIBLE } from '../../kernel/arch/task.js';
import { kernel } from '../../kernel/current.js';

export interface Joinable {
  /** Sleeps until the task has ended. */
  join(): void;
}

/** Runs `fn` in a task on this CPU. */
export function on_cpu(cpu: number, fn: () => void, name = `cpu${cpu}`): Joinable {
  let ended = false;
  let parent: ReturnType<typeof kernel.sched.current> | null = null;
  const task = kernel.sched.create_task(name, 0, () => {
    fn();
    ended = true;
    if (parent !== null) kernel.sched.try_to_wake_up(parent, TASK_UNINTERRUPTIBLE);
    return 0;
  });
  task.cpus_mask = 1 << cpu;
  kernel.sched.wake_up_new_task(task);
  return {
    join(): void {
      while (!ended) {
        parent = kernel.sched.current();
        parent.__state = TASK_UNINTERRUPTIBLE;
        kernel.sched.schedule();
      }
    },
  };
}

/** The panic that `fn` ends in. */
export function panic_of(machine: Machine, fn: () => void): KernelPanic {
  try {
    machine.run(fn);
  } catch (error) {
    if (error instanceof KernelPanic) return error;
    throw error;
  }
  throw new Error(`no panic; reported: ${machine.headlines().join(' | ')}`);
}
