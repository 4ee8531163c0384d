/**
 * Spinlocks. Follows include/linux/spinlock_api_smp.h and kernel/locking/spinlock.c.
 *
 * The order is Linux's: interrupts and preemption go off before the lock is taken, and come back on after it is
 * left, which is where an interrupt or a reschedule that had to wait comes in.
 */
import { FRAME, pc, SITE } from '../arch/callstack.js';
import { type Cpu, this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { kernel } from '../current.js';
import { report } from '../debug/report.js';
import { type irqflags, irq_restore, raw_local_irq_enable, raw_local_irq_save, X86_EFLAGS_IF } from '../include/linux/irqflags.js';
import { PREEMPT_MASK, SOFTIRQ_DISABLE_OFFSET } from '../include/linux/preempt.js';
import type { Ptr } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';
import { preempt_schedule } from '../sched/preempt.js';
import { bh_disable_and_preempt, bh_enable_and_preempt } from './lock_context.js';
import { lock_words } from './lock_memory.js';
import { check_hardirqs_on } from './lockdep.js';
import { do_raw_spin_lock, do_raw_spin_trylock, do_raw_spin_unlock } from './raw_spinlock.js';
import { RAW_LOCK, spinlock_t } from './spinlock_types.js';
