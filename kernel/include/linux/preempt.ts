/** Follows include/linux/preempt.h: one counter a CPU says what context its code runs in. */
import { pc } from '../../arch/callstack.js';
import { this_cpu } from '../../arch/cpu.js';
import { point } from '../../arch/point.js';
import { preempt_count_underflow, preempt_schedule } from '../../sched/preempt.js';

// Constants of this file's own: V8 folds them, and loads and checks an imported or exported one at each use.
const FRAME = 0;
const SITE = 1;
const PREEMPT_COUNT = 0xff;

export const PREEMPT_BITS = 8;
export const SOFTIRQ_BITS = 8;
export const HARDIRQ_BITS = 4;
export const NMI_BITS = 4;

export const PREEMPT_SHIFT = 0;
export const SOFTIRQ_SHIFT = PREEMPT_SHIFT + PREEMPT_BITS;
export const HARDIRQ_SHIFT = SOFTIRQ_SHIFT + SOFTIRQ_BITS;
export const NMI_SHIFT = HARDIRQ_SHIFT + HARDIRQ_BITS;

export const PREEMPT_OFFSET = 1 << PREEMPT_SHIFT;
export const SOFTIRQ_OFFSET = 1 << SOFTIRQ_SHIFT;
export const HARDIRQ_OFFSET = 1 << HARDIRQ_SHIFT;
export const NMI_OFFSET = 1 << NMI_SHIFT;
/** What local_bh_disable() adds: twice the offset, so that the low bit tells that a softirq is being served. */
export const SOFTIRQ_DISABLE_OFFSET = 2 * SOFTIRQ_OFFSET;

export const PREEMPT_MASK = PREEMPT_COUNT;
export const SOFTIRQ_MASK = ((1 << SOFTIRQ_BITS) - 1) << SOFTIRQ_SHIFT;
export const HARDIRQ_MASK = ((1 << HARDIRQ_BITS) - 1) << HARDIRQ_SHIFT;
export const NMI_MASK = ((1 << NMI_BITS) - 1) << NMI_SHIFT;

/** The counter of this CPU. Context: any. */
export function preempt_count(): number {
  return this_cpu.preempt_count;
}
export function hardirq_count(): number {
  return this_cpu.preempt_count & HARDIRQ_MASK;
}
export function softirq_count(): number {
  return this_cpu.preempt_count & SOFTIRQ_MASK;
}
export function irq_count(): number {
  return this_cpu.preempt_count & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_MASK);
}

/** 1 in an NMI. Context: any, as all of these. */
export function in_nmi(): number {
  return +((this_cpu.preempt_count & NMI_MASK) !== 0);
}
/** 1 in a hard interrupt handler. */
export function in_hardirq(): number {
  return +(hardirq_count() !== 0);
}
/** The older name of in_hardirq(). */
export const in_irq = in_hardirq;
/** 1 while a softirq is served or softirqs are disabled. */
export function in_softirq(): number {
  return +(softirq_count() !== 0);
}
/** 1 while a softirq is served on this CPU. */
export function in_serving_softirq(): number {
  return +((softirq_count() & SOFTIRQ_OFFSET) !== 0);
}
/** 1 in interrupt context, or with softirqs disabled. */
export function in_interrupt(): number {
  return +(irq_count() !== 0);
}
/** 1 in process context: neither NMI, hard interrupt nor a softirq being served. */
export function in_task(): number {
  return +((this_cpu.preempt_count & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET)) === 0);
}
/** 1 where sleeping is forbidden, as far as the counter alone can tell: interrupts disabled do not show here. */
export function in_atomic(): number {
  return +(this_cpu.preempt_count !== 0);
}
/** 1 where the running task may be preempted. */
export function preemptible(): number {
  return +(this_cpu.preempt_count === 0 && this_cpu.irqs_off === 0);
}

/** The counter goes up by one; the first to raise it is remembered for reports. */
export function __preempt_count_inc(): void {
  const cpu = this_cpu;
  if ((cpu.preempt_count++ & PREEMPT_COUNT) === 0) {
    cpu.preempt_off_frame = pc[FRAME]!;
    cpu.preempt_off_site = pc[SITE]!;
  }
}

/** The counter goes down by one, and a reschedule that had to wait happens now. */
export function __preempt_count_dec(): void {
  const cpu = this_cpu;
  if ((cpu.preempt_count & PREEMPT_COUNT) === 0) preempt_count_underflow(1);
  else if (--cpu.preempt_count === 0 && cpu.need_resched !== 0) preempt_schedule();
}

/** No other task runs on this CPU until preempt_enable(). Nests. Context: any. */
export function preempt_disable(): void {
  point();
  __preempt_count_inc();
}

/** Undoes one preempt_disable(). Context: any; may schedule when it is the last. */
export function preempt_enable(): void {
  point();
  __preempt_count_dec();
}

/** As preempt_enable(), without looking for a waiting reschedule. Context: any. */
export function preempt_enable_no_resched(): void {
  point();
  const cpu = this_cpu;
  if ((cpu.preempt_count & PREEMPT_COUNT) === 0) preempt_count_underflow(1);
  else --cpu.preempt_count;
}
