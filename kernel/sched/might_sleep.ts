/**
 * The mission's rule. Follows kernel/sched/core.c, __might_resched(), and include/linux/sched/mm.h, might_alloc().
 *
 * What counts is not whether a call would have slept this time but whether it may: the report comes on every run.
 */
import { this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { debug_show_any_held_locks, print_place, report } from '../debug/report.js';
import { HARDIRQ_MASK, PREEMPT_MASK, SOFTIRQ_MASK, SOFTIRQ_OFFSET } from '../include/linux/preempt.js';
import { check_reclaim_recursion } from '../mm/reclaim/reclaim_chain.js';

// Constants of this file's own: V8 folds them, and loads and checks an imported one at each use.
const __GFP_DIRECT_RECLAIM = 0x400;
const PF_IDLE = 0x2;

/** Says that what follows may sleep. Context: process, may sleep; anything else is reported. */
export function might_sleep_at(where: string): void {
  const cpu = this_cpu;
  const task = cpu.current;
  if ((cpu.preempt_count | cpu.irqs_off | task.rcu_read_lock_nesting | task.non_block_count | (task.flags & PF_IDLE)) === 0) {
    if (task.__state !== 0) warn_blocking_state();
    return;
  }
  __might_resched(where);
}

/** An allocation with these flags begins. Context: any, but sleeping flags want process context. */
export function might_alloc(gfp: number): void {
  if ((gfp & __GFP_DIRECT_RECLAIM) === 0) return;
  const cpu = this_cpu;
  const task = cpu.current;
  if ((cpu.preempt_count | cpu.irqs_off | task.rcu_read_lock_nesting | task.non_block_count | task.memalloc_flags | (task.flags & PF_IDLE)) === 0) return;
  if (task.memalloc_flags !== 0) check_reclaim_recursion(gfp);
  __might_resched('include/linux/sched/mm.h:274');
}

/** As might_sleep_at(), for cond_resched() and its like, which do not care for the task's state. */
export function might_resched_at(where: string): void {
  __might_resched(where);
}

function __might_resched(where: string): void {
  const cpu = this_cpu;
  const task = cpu.current;
  const rcu_matters = task.rcu_read_lock_nesting > 0;
  if (cpu.preempt_count === 0 && cpu.irqs_off === 0 && !rcu_matters && task.non_block_count === 0 && (task.flags & PF_IDLE) === 0) return;
  const headline =
    `BUG: sleeping function called from invalid context at ${where}\n` +
    `in_atomic(): ${+(cpu.preempt_count !== 0)}, irqs_disabled(): ${cpu.irqs_off}, non_block: ${task.non_block_count}, ` +
    `pid: ${task.pid}, name: ${task.comm}\n` +
    `preempt_count: ${cpu.preempt_count.toString(16)}, expected: 0\n` +
    `RCU nest depth: ${task.rcu_read_lock_nesting}, expected: 0`;
  report('sleep-in-atomic', headline, (print) => {
    debug_show_any_held_locks(print, task);
    // In interrupt context it was the interrupt itself, as the call trace shows.
    const in_irq = (cpu.preempt_count & HARDIRQ_MASK) !== 0;
    if (cpu.irqs_off !== 0 && !in_irq) print_place(print, 'Interrupts disabled at', cpu.irqs_off_frame, cpu.irqs_off_site);
    const by_bh = !in_irq && (cpu.preempt_count & SOFTIRQ_MASK & ~SOFTIRQ_OFFSET) !== 0;
    if ((cpu.preempt_count & PREEMPT_MASK) !== 0 || by_bh) {
      print_place(print, 'Preemption disabled at', cpu.preempt_off_frame, cpu.preempt_off_site);
    }
  });
}

/** Follows __might_sleep(): a task that has announced that it will sleep must not do so for anything else first. */
function warn_blocking_state(): void {
  const task = this_cpu.current;
  const state = task.__state;
  task.__state = 0;
  report('warn', `do not call blocking ops when !TASK_RUNNING; state=${state.toString(16)} set at [<${task.waiting_for}>]`);
}

/** A stretch in which nothing may sleep although the context would allow it. Context: process. */
export function non_block_start(): void {
  kernel.sched.current().non_block_count++;
}

export function non_block_end(): void {
  const task = kernel.sched.current();
  if (task.non_block_count === 0) report('warn', 'WARNING: non_block_end() without non_block_start()');
  else task.non_block_count--;
}
