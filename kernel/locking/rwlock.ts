/**
 * Reader-writer locks: many readers or one writer. Follows include/linux/rwlock.h and rwlock_api_smp.h, which are
 * the sources of all functions. Their contexts are those of the spinlocks.
 */
import { this_cpu } from '../arch/cpu.js';
import { lock_point } from '../arch/point.js';
import { type irqflags, irq_restore, raw_local_irq_enable, raw_local_irq_save } from '../include/linux/irqflags.js';
import type { Ptr } from '../mm/pointer.js';
import { lock_bh_disable, lock_bh_enable, lock_preempt_disable, lock_preempt_enable } from './lock_context.js';
import { check_hardirqs_on } from './lockdep.js';
import { do_raw_read_lock, do_raw_read_trylock, do_raw_read_unlock, do_raw_write_lock, do_raw_write_trylock, do_raw_write_unlock } from './qrwlock.js';
import type { rwlock_t } from './rwlock_types.js';

/** Takes the lock for reading, spinning while a writer has it or waits for it. Context: any. */
export function read_lock(lock: Ptr<rwlock_t>): void {
  lock_point(lock);
  lock_preempt_disable(this_cpu);
  do_raw_read_lock(lock);
}

/** Leaves a lock taken with read_lock(). Context: any. */
export function read_unlock(lock: Ptr<rwlock_t>): void {
  lock_point(lock);
  do_raw_read_unlock(lock);
  lock_preempt_enable();
}

/** Takes the lock for writing, spinning while anybody has it. Context: any. */
export function write_lock(lock: Ptr<rwlock_t>): void {
  lock_point(lock);
  lock_preempt_disable(this_cpu);
  do_raw_write_lock(lock);
}

/** Leaves a lock taken with write_lock(). Context: any. */
export function write_unlock(lock: Ptr<rwlock_t>): void {
  lock_point(lock);
  do_raw_write_unlock(lock);
  lock_preempt_enable();
}

/** As read_lock(), with interrupts disabled too. Context: any where interrupts are enabled. */
export function read_lock_irq(lock: Ptr<rwlock_t>): void {
  lock_point(lock);
  raw_local_irq_save();
  lock_preempt_disable(this_cpu);
  do_raw_read_lock(lock);
}

/** Leaves a lock and enables interrupts. Context: any but a hard interrupt. */
export function read_unlock_irq(lock: Ptr<rwlock_t>): void {
  lock_point(lock);
  do_raw_read_unlock(lock);
  check_hardirqs_on();
  raw_local_irq_enable();
  lock_preempt_enable();
}

/** As write_lock(), with interrupts disabled too. Context: any where interrupts are enabled. */
export function write_lock_irq(lock: Ptr<rwlock_t>): void {
  lock_point(lock);
  raw_local_irq_save();
  lock_preempt_disable(this_cpu);
  do_raw_write_lock(lock);
}

/** Leaves a lock and enables interrupts. Context: any but a hard interrupt. */
export function write_unlock_irq(lock: Ptr<rwlock_t>): void {
  lock_point(lock);
  do_raw_write_unlock(lock);
  check_hardirqs_on();
  raw_local_irq_enable();
  lock_preempt_enable();
}

/** As read_lock(), with interrupts disabled too; returns the flags for read_unlock_irqrestore(). Context: any. */
export function read_lock_irqsave(lock: Ptr<rwlock_t>): irqflags {
  lock_point(lock);
  const flags = raw_local_irq_save();
  lock_preempt_disable(this_cpu);
  do_raw_read_lock(lock);
  return flags;
}

/** Leaves a lock and puts the interrupt flag back to what it was. Context: any. */
export function read_unlock_irqrestore(lock: Ptr<rwlock_t>, flags: irqflags): void {
  lock_point(lock);
  do_raw_read_unlock(lock);
  irq_restore(flags);
  lock_preempt_enable();
}

/** As write_lock(), with interrupts disabled too; returns the flags for write_unlock_irqrestore(). Context: any. */
export function write_lock_irqsave(lock: Ptr<rwlock_t>): irqflags {
  lock_point(lock);
  const flags = raw_local_irq_save();
  lock_preempt_disable(this_cpu);
  do_raw_write_lock(lock);
  return flags;
}

/** Leaves a lock and puts the interrupt flag back to what it was. Context: any. */
export function write_unlock_irqrestore(lock: Ptr<rwlock_t>, flags: irqflags): void {
  lock_point(lock);
  do_raw_write_unlock(lock);
  irq_restore(flags);
  lock_preempt_enable();
}

/** As read_lock(), with softirqs disabled too. Context: process or softirq. */
export function read_lock_bh(lock: Ptr<rwlock_t>): void {
  lock_point(lock);
  lock_bh_disable(this_cpu);
  do_raw_read_lock(lock);
}

/** Leaves a lock taken with read_lock_bh(). Context: process or softirq. */
export function read_unlock_bh(lock: Ptr<rwlock_t>): void {
  lock_point(lock);
  do_raw_read_unlock(lock);
  lock_bh_enable();
}

/** As write_lock(), with softirqs disabled too. Context: process or softirq. */
export function write_lock_bh(lock: Ptr<rwlock_t>): void {
  lock_point(lock);
  lock_bh_disable(this_cpu);
  do_raw_write_lock(lock);
}

/** Leaves a lock taken with write_lock_bh(). Context: process or softirq. */
export function write_unlock_bh(lock: Ptr<rwlock_t>): void {
  lock_point(lock);
  do_raw_write_unlock(lock);
  lock_bh_enable();
}

/** Takes the lock for reading if that is possible at once: 1, else 0. Context: any. */
export function read_trylock(lock: Ptr<rwlock_t>): number {
  lock_point(lock);
  lock_preempt_disable(this_cpu);
  if (do_raw_read_trylock(lock)) return 1;
  lock_preempt_enable();
  return 0;
}

/** Takes the lock for writing if that is possible at once: 1, else 0. Context: any. */
export function write_trylock(lock: Ptr<rwlock_t>): number {
  lock_point(lock);
  lock_preempt_disable(this_cpu);
  if (do_raw_write_trylock(lock)) return 1;
  lock_preempt_enable();
  return 0;
}

/** As write_trylock(), with the flags for write_unlock_irqrestore(); null where it was not possible. Context: any. */
export function write_trylock_irqsave(lock: Ptr<rwlock_t>): irqflags | null {
  lock_point(lock);
  const flags = raw_local_irq_save();
  lock_preempt_disable(this_cpu);
  if (do_raw_write_trylock(lock)) return flags;
  irq_restore(flags);
  lock_preempt_enable();
  return null;
}
