/**
 * Spinlocks. Follows include/linux/spinlock_api_smp.h and kernel/locking/spinlock.c.
 *
 * The order is Linux's: interrupts and preemption go off before the lock is taken, and come back on after it is
 * left, which is where an interrupt or a reschedule that had to wait comes in. The sources of all functions are
 * those two files.
 */
import { this_cpu } from '../arch/cpu.js';
import { lock_point } from '../arch/point.js';
import { kernel_bug } from '../debug/fault.js';
import { type irqflags, irq_restore, raw_local_irq_enable, raw_local_irq_save } from '../include/linux/irqflags.js';
import type { Ptr } from '../mm/pointer.js';
import { i32 } from '../mm/ram.js';
import { caller_line } from './caller_place.js';
import { lock_bh_disable, lock_bh_enable, lock_preempt_disable, lock_preempt_enable } from './lock_context.js';
import { lock_words } from './lock_memory.js';
import { check_hardirqs_on } from './lockdep.js';
import { do_raw_spin_lock, do_raw_spin_trylock, do_raw_spin_unlock } from './raw_spinlock.js';
import { LOCKED, RAW_LOCK, spinlock_t } from './spinlock_types.js';

/** Takes the lock, spinning while another CPU has it. Preemption stays off until spin_unlock(). Context: any. */
export function spin_lock(lock: Ptr<spinlock_t>): void {
  lock_point(lock);
  const cpu = this_cpu;
  lock_preempt_disable(cpu);
  do_raw_spin_lock(cpu, lock);
}

/** Leaves a lock taken with spin_lock(). Context: any; may schedule when preemption comes back on. */
export function spin_unlock(lock: Ptr<spinlock_t>): void {
  lock_point(lock);
  do_raw_spin_unlock(this_cpu, lock);
  lock_preempt_enable();
}

/** As spin_lock(), with interrupts disabled too. Context: any where interrupts are enabled. */
export function spin_lock_irq(lock: Ptr<spinlock_t>): void {
  lock_point(lock);
  raw_local_irq_save();
  const cpu = this_cpu;
  lock_preempt_disable(cpu);
  do_raw_spin_lock(cpu, lock);
}

/** Leaves a lock and enables interrupts, whatever they were before. Context: any but a hard interrupt. */
export function spin_unlock_irq(lock: Ptr<spinlock_t>): void {
  lock_point(lock);
  do_raw_spin_unlock(this_cpu, lock);
  check_hardirqs_on();
  raw_local_irq_enable();
  lock_preempt_enable();
}

/**
 * As spin_lock(), with interrupts disabled too: `const flags = spin_lock_irqsave(lock)`. Returns the flags that
 * spin_unlock_irqrestore() wants. Context: any.
 */
export function spin_lock_irqsave(lock: Ptr<spinlock_t>): irqflags {
  lock_point(lock);
  const flags = raw_local_irq_save();
  const cpu = this_cpu;
  lock_preempt_disable(cpu);
  do_raw_spin_lock(cpu, lock);
  return flags;
}

/** Leaves a lock and puts the interrupt flag back to what it was. Context: any. */
export function spin_unlock_irqrestore(lock: Ptr<spinlock_t>, flags: irqflags): void {
  lock_point(lock);
  do_raw_spin_unlock(this_cpu, lock);
  irq_restore(flags);
  lock_preempt_enable();
}

/** As spin_lock(), with softirqs disabled too. Context: process or softirq. */
export function spin_lock_bh(lock: Ptr<spinlock_t>): void {
  lock_point(lock);
  const cpu = this_cpu;
  lock_bh_disable(cpu);
  do_raw_spin_lock(cpu, lock);
}

/** Leaves a lock taken with spin_lock_bh(); softirqs that waited run before it returns. Context: process or softirq. */
export function spin_unlock_bh(lock: Ptr<spinlock_t>): void {
  lock_point(lock);
  do_raw_spin_unlock(this_cpu, lock);
  lock_bh_enable();
}

/** Takes the lock if it is free: 1, else 0 at once. Context: any. */
export function spin_trylock(lock: Ptr<spinlock_t>): number {
  lock_point(lock);
  const cpu = this_cpu;
  lock_preempt_disable(cpu);
  if (do_raw_spin_trylock(cpu, lock)) return 1;
  lock_preempt_enable();
  return 0;
}

/** As spin_trylock(); interrupts are disabled where it returns 1. Context: any where interrupts are enabled. */
export function spin_trylock_irq(lock: Ptr<spinlock_t>): number {
  lock_point(lock);
  raw_local_irq_save();
  const cpu = this_cpu;
  lock_preempt_disable(cpu);
  if (do_raw_spin_trylock(cpu, lock)) return 1;
  raw_local_irq_enable();
  lock_preempt_enable();
  return 0;
}

/**
 * As spin_trylock(), with the flags for spin_unlock_irqrestore(); null where the lock was not free, and then
 * interrupts are as they were. Context: any.
 */
export function spin_trylock_irqsave(lock: Ptr<spinlock_t>): irqflags | null {
  lock_point(lock);
  const flags = raw_local_irq_save();
  const cpu = this_cpu;
  lock_preempt_disable(cpu);
  if (do_raw_spin_trylock(cpu, lock)) return flags;
  irq_restore(flags);
  lock_preempt_enable();
  return null;
}

/** As spin_trylock(); softirqs are disabled where it returns 1. Context: process or softirq. */
export function spin_trylock_bh(lock: Ptr<spinlock_t>): number {
  lock_point(lock);
  const cpu = this_cpu;
  lock_bh_disable(cpu);
  if (do_raw_spin_trylock(cpu, lock)) return 1;
  lock_bh_enable();
  return 0;
}

/** 1 while anybody has the lock. Context: any. */
export function spin_is_locked(lock: Ptr<spinlock_t>): number {
  lock_point(lock);
  const at = lock_words(lock, spinlock_t.size);
  return +(at >= 0 && (i32[at + RAW_LOCK]! & LOCKED) !== 0);
}

/** 1 while somebody waits for the lock. Context: any. */
export function spin_is_contended(lock: Ptr<spinlock_t>): number {
  lock_point(lock);
  const at = lock_words(lock, spinlock_t.size);
  return +(at >= 0 && (i32[at + RAW_LOCK]! & ~LOCKED) !== 0);
}

/** An oops where nobody has the lock. Context: any. */
export function assert_spin_locked(lock: Ptr<spinlock_t>): void {
  lock_point(lock);
  const at = lock_words(lock, spinlock_t.size);
  if (at >= 0 && (i32[at + RAW_LOCK]! & LOCKED) === 0) kernel_bug(caller_line());
}
