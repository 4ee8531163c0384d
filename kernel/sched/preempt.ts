/** Involuntary rescheduling. Follows kernel/sched/core.c: preempt_schedule(), preempt_schedule_irq(). */
import { this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { PREEMPT_MASK } from '../include/linux/preempt.js';
import { lock_report } from '../locking/lockdep.js';

/** The last preempt_enable() found a reschedule waiting. */
export function preempt_schedule(): void {
  if (this_cpu.preempt_count !== 0 || this_cpu.irqs_off !== 0) return;
  kernel.sched.__schedule(true);
}

/** An interrupt is about to return to code that may be preempted. Called and left with interrupts disabled. */
export function preempt_schedule_irq(): void {
  kernel.sched.__schedule(true);
  this_cpu.irqs_off = 1;
}

/** Follows preempt_count_sub(): the counter would go below zero. It stays as it is. */
export function preempt_count_underflow(by: number): void {
  lock_report('preempt-underflow', 'DEBUG_LOCKS_WARN_ON(val > preempt_count())', (print) => {
    print(`preempt_count: ${(this_cpu.preempt_count & PREEMPT_MASK).toString(16)}, to subtract: ${by}`);
  });
}
