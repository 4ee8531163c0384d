/** What the spinning locks do with preemption and softirqs. Follows include/linux/spinlock_api_smp.h. */
import { pc } from '../arch/callstack.js';
import { type Cpu, this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { HARDIRQ_MASK, SOFTIRQ_DISABLE_OFFSET, SOFTIRQ_MASK } from '../include/linux/preempt.js';
import { warn_once_at } from '../mm/warn.js';
import { preempt_schedule } from '../sched/preempt.js';

// As arch/callstack.ts and linux/preempt.ts have them, see raw_spinlock.ts.
const FRAME = 0;
const SITE = 1;
const PREEMPT_MASK = 0xff;

/** Preemption off. */
export function lock_preempt_disable(cpu: Cpu): void {
  if ((cpu.preempt_count++ & PREEMPT_MASK) === 0) {
    cpu.preempt_off_frame = pc[FRAME]!;
    cpu.preempt_off_site = pc[SITE]!;
  }
}

/** Preemption on again. A count that is 0 already belongs to an unlock too many, which has been reported. */
export function lock_preempt_enable(): void {
  const cpu = this_cpu;
  if ((cpu.preempt_count & PREEMPT_MASK) === 0) return;
  if (--cpu.preempt_count === 0 && cpu.need_resched !== 0) preempt_schedule();
}

/** Softirqs and preemption off. Follows kernel/softirq.c, __local_bh_disable_ip(). */
export function lock_bh_disable(cpu: Cpu): void {
  if ((cpu.preempt_count & HARDIRQ_MASK) !== 0) warn_once_at('kernel/softirq.c:346', '__local_bh_disable_ip');
  lock_preempt_disable(cpu);
  cpu.preempt_count += SOFTIRQ_DISABLE_OFFSET;
}

/** Softirqs and preemption on again; softirqs that waited are served first. Follows __local_bh_enable_ip(). */
export function lock_bh_enable(): void {
  const cpu = this_cpu;
  if ((cpu.preempt_count & HARDIRQ_MASK) !== 0) warn_once_at('kernel/softirq.c:400', '__local_bh_enable_ip');
  else if (cpu.irqs_off !== 0) warn_once_at('kernel/softirq.c:401', '__local_bh_enable_ip');
  if ((cpu.preempt_count & SOFTIRQ_MASK) >= SOFTIRQ_DISABLE_OFFSET) {
    cpu.preempt_count -= SOFTIRQ_DISABLE_OFFSET;
    if (cpu.softirq_pending !== 0 && (cpu.preempt_count & (HARDIRQ_MASK | SOFTIRQ_MASK)) === 0 && cpu.irqs_off === 0) kernel.softirq.do_softirq();
  }
  lock_preempt_enable();
}
