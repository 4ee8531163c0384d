/** Giving way on one's own. Follows kernel/sched/core.c: __cond_resched(), yield(); include/linux/kernel.h, might_sleep(). */
import { FRAME, pc, SITE, unwind } from '../arch/callstack.js';
import { this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { site_of } from '../arch/site.js';
import { TASK_RUNNING } from '../arch/task.js';
import { kernel } from '../current.js';
import { might_resched_at, might_sleep_at } from './might_sleep.js';

/** The caller's `__FILE__:__LINE__`, as the macros of the C kernel have it. */
function here(): string {
  const [place] = unwind(pc[FRAME]!, pc[SITE]!);
  if (place === undefined) return '(host code)';
  const { file, line } = site_of(place);
  return `${file.slice(file.lastIndexOf('/') + 1)}:${line}`;
}

function may_be_reported(): boolean {
  const cpu = this_cpu;
  const task = cpu.current;
  return (cpu.preempt_count | cpu.irqs_off | task.rcu_read_lock_nesting | task.non_block_count) !== 0 || task.__state !== TASK_RUNNING || task === cpu.idle;
}

/** Says that what follows may sleep: reported at once where it must not. Context: process, may sleep. */
export function might_sleep(): void {
  point();
  if (may_be_reported()) might_sleep_at(here());
  cond_resched_now();
}

/** Lets another task run where one is waiting for it. Returns 1 when it did. Context: process, may sleep. */
export function cond_resched(): number {
  point();
  if (may_be_reported()) might_resched_at(here());
  return cond_resched_now();
}

/** The inner half of cond_resched(): neither point nor check. */
export function cond_resched_now(): number {
  const cpu = this_cpu;
  if (cpu.need_resched === 0 || cpu.preempt_count !== 0 || cpu.irqs_off !== 0) return 0;
  kernel.sched.__schedule(true);
  return 1;
}

/** Not 0 where another task waits for this CPU. Context: any. */
export function need_resched(): number {
  point();
  return this_cpu.need_resched;
}

/** Gives up the CPU until the task is woken, or, in TASK_RUNNING, for a turn of the others. Context: process, may sleep. */
export function schedule(): void {
  point();
  kernel.sched.schedule();
}

/** Lets every other task that is ready have a turn. Named yield() in C, a reserved word here. Context: process, may sleep. */
export function yield_(): void {
  point();
  this_cpu.current.__state = TASK_RUNNING;
  kernel.sched.schedule();
}
