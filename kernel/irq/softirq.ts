/** Softirqs and ksoftirqd. Follows kernel/softirq.c. */
import { enter, leave } from '../arch/callstack.js';
import { type Cpu, cpu_clock, this_cpu } from '../arch/cpu.js';
import { PF_KTHREAD, TASK_INTERRUPTIBLE, TASK_NORMAL, TASK_RUNNING, type task_struct } from '../arch/task.js';
import { kernel } from '../current.js';
import { SITE_DO_SOFTIRQ } from '../debug/boundary.js';
import { HARDIRQ_MASK, SOFTIRQ_DISABLE_OFFSET, SOFTIRQ_MASK, SOFTIRQ_OFFSET } from '../include/linux/preempt.js';
import { raw_local_irq_enable, raw_local_irq_save } from '../include/linux/irqflags.js';
import { warn_once_at } from '../mm/warn.js';
import { preempt_count_underflow, preempt_schedule } from '../sched/preempt.js';
import { report_softirq_imbalance } from './softirq_report.js';
import { NR_SOFTIRQS, TIMER_SOFTIRQ } from './softirq_vectors.js';

/** Rounds that are served before the rest is left to ksoftirqd, and the time they may take, in ns. */
const MAX_SOFTIRQ_RESTART = 10;
const MAX_SOFTIRQ_TIME_NS = 2_000_000;

type Actions = readonly (((this: void) => void) | undefined)[];

/** By vector, until somebody opens another. */
const ACTIONS_AT_BOOT: Actions = Array.from({ length: NR_SOFTIRQS }, (_, nr) => (nr === TIMER_SOFTIRQ ? () => { kernel.timers.run_timer_softirq(); } : undefined));

export class Softirq {
  /** Replaced, never changed: until then it is that of all machines. */
  private actions = ACTIONS_AT_BOOT;
  private readonly ksoftirqd: (task_struct | null)[] = [];

  /** Follows open_softirq(): the handler of one vector. */
  open_softirq(nr: number, action: () => void): void {
    this.actions = this.actions.with(nr, action);
  }

  /** Marks a vector for service; from process context that is not atomic ksoftirqd sees to it. Context: any. */
  raise_softirq(nr: number): void {
    const flags = raw_local_irq_save();
    const cpu = this_cpu;
    cpu.softirq_pending |= 1 << nr;
    if ((cpu.preempt_count & (HARDIRQ_MASK | SOFTIRQ_MASK)) === 0) this.wakeup_softirqd(cpu);
    if (flags !== 0) raw_local_irq_enable();
  }

  /** On the way out of the last nested interrupt. Called with interrupts disabled, and left so. */
  invoke_softirq(cpu: Cpu): void {
    const thread = this.ksoftirqd[cpu.id];
    // A ksoftirqd that is at work already will come to it: softirqs do not overtake it.
    if (thread?.__state === TASK_RUNNING) return;
    this.__do_softirq(cpu);
  }

  /** local_bh_enable() or ksoftirqd: process context. */
  do_softirq(): void {
    if ((this_cpu.preempt_count & (HARDIRQ_MASK | SOFTIRQ_MASK)) !== 0) return;
    const flags = raw_local_irq_save();
    if (this_cpu.softirq_pending !== 0) this.__do_softirq(this_cpu);
    if (flags !== 0) raw_local_irq_enable();
  }

  private __do_softirq(cpu: Cpu): void {
    const end = cpu_clock(cpu) + MAX_SOFTIRQ_TIME_NS;
    let restarts = MAX_SOFTIRQ_RESTART;
    cpu.preempt_count += SOFTIRQ_OFFSET;
    cpu.softirqs++;
    cpu.locks_below_softirq = cpu.current.lockdep_depth;
    enter(SITE_DO_SOFTIRQ);
    let pending = cpu.softirq_pending;
    for (;;) {
      cpu.softirq_pending = 0;
      raw_local_irq_enable();
      while (pending !== 0) {
        const nr = 31 - Math.clz32(pending & -pending);
        pending &= pending - 1;
        const count = cpu.preempt_count;
        kernel.trace?.event('softirq_entry', `vec=${nr}`);
        this.actions[nr]?.();
        if (cpu.preempt_count !== count) {
          // Follows the check in __do_softirq(): the handler is at fault, and the count is put right.
          report_softirq_imbalance(nr, count, cpu.preempt_count, null);
          cpu.preempt_count = count;
        }
      }
      raw_local_irq_save();
      pending = cpu.softirq_pending;
      if (pending === 0) break;
      if (--restarts === 0 || cpu.need_resched !== 0 || cpu_clock(cpu) >= end) {
        this.wakeup_softirqd(cpu);
        break;
      }
    }
    leave();
    cpu.preempt_count -= SOFTIRQ_OFFSET;
  }

  private wakeup_softirqd(cpu: Cpu): void {
    let thread = this.ksoftirqd[cpu.id];
    if (thread === undefined || thread === null) {
      thread = kernel.sched.create_task(`ksoftirqd/${cpu.id}`, PF_KTHREAD, () => this.run_ksoftirqd(cpu));
      thread.cpus_mask = 1 << cpu.id;
      this.ksoftirqd[cpu.id] = thread;
      kernel.sched.wake_up_new_task(thread);
    } else kernel.sched.try_to_wake_up(thread, TASK_NORMAL);
  }

  private run_ksoftirqd(cpu: Cpu): number {
    for (;;) {
      while (cpu.softirq_pending !== 0) {
        this.do_softirq();
        if (cpu.need_resched !== 0) kernel.sched.schedule();
      }
      this.ksoftirqd[cpu.id]!.__state = TASK_INTERRUPTIBLE;
      if (cpu.softirq_pending === 0) kernel.sched.schedule();
      this.ksoftirqd[cpu.id]!.__state = TASK_RUNNING;
    }
  }

  /** Follows __local_bh_disable_ip(). */
  local_bh_disable(): void {
    if ((this_cpu.preempt_count & HARDIRQ_MASK) !== 0) warn_once_at('kernel/softirq.c:346', '__local_bh_disable_ip');
    this_cpu.preempt_count += SOFTIRQ_DISABLE_OFFSET;
  }

  /** Follows __local_bh_enable_ip(): softirqs that waited are served before it returns. */
  local_bh_enable(): void {
    const cpu = this_cpu;
    if ((cpu.preempt_count & SOFTIRQ_MASK) < SOFTIRQ_DISABLE_OFFSET) {
      preempt_count_underflow(SOFTIRQ_DISABLE_OFFSET);
      return;
    }
    if ((cpu.preempt_count & HARDIRQ_MASK) !== 0) warn_once_at('kernel/softirq.c:400', '__local_bh_enable_ip');
    else if (cpu.irqs_off !== 0) warn_once_at('kernel/softirq.c:401', '__local_bh_enable_ip');
    cpu.preempt_count -= SOFTIRQ_DISABLE_OFFSET;
    if (cpu.softirq_pending !== 0 && (cpu.preempt_count & (HARDIRQ_MASK | SOFTIRQ_MASK)) === 0 && cpu.irqs_off === 0) this.do_softirq();
    if (this_cpu.need_resched !== 0) preempt_schedule();
  }
}
