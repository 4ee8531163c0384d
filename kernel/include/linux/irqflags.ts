/**
 * The CPU's interrupt flag. Follows include/linux/irqflags.h; flags words are x86's EFLAGS with only IF in them.
 */
import { pc } from '../../arch/callstack.js';
import { this_cpu } from '../../arch/cpu.js';
import { point } from '../../arch/point.js';
import { kernel } from '../../current.js';
import { report } from '../../debug/report.js';
import { check_hardirqs_on } from '../../locking/lockdep.js';

// Constants of this file's own: V8 folds them, and loads and checks an imported or exported one at each use.
const FRAME = 0;
const SITE = 1;
const IF = 0x200;

/** The interrupt flag, as it stands in a saved flags word. */
export const X86_EFLAGS_IF = IF;

/** What local_irq_save() returns: whether interrupts were enabled. */
export type irqflags = number;

/** Interrupts off, without being a preemption point: for the kernel's own use. */
export function raw_local_irq_save(): irqflags {
  const cpu = this_cpu;
  if (cpu.irqs_off !== 0) return 0;
  cpu.irqs_off = 1;
  cpu.irqs_off_frame = pc[FRAME]!;
  cpu.irqs_off_site = pc[SITE]!;
  return IF;
}

/** Interrupts on; what waited for it is delivered on this stack before it returns. */
export function raw_local_irq_enable(): void {
  const cpu = this_cpu;
  cpu.irqs_off = 0;
  if (cpu.irq_pending !== 0) kernel.irq.deliver(cpu);
}

/** Disables interrupts on this CPU. Context: any. */
export function local_irq_disable(): void {
  point();
  raw_local_irq_save();
}

/** Enables interrupts on this CPU; pending ones are delivered at once. Context: any but a hard interrupt. */
export function local_irq_enable(): void {
  point();
  check_hardirqs_on();
  raw_local_irq_enable();
}

/** Disables interrupts and returns what the flag was, for local_irq_restore(). Context: any. */
export function local_irq_save(): irqflags {
  point();
  return raw_local_irq_save();
}

/** Puts the flag back to what local_irq_save() found. Context: any, with interrupts disabled. */
export function local_irq_restore(flags: irqflags): void {
  point();
  irq_restore(flags);
}

/** The inner half of local_irq_restore(), for the locks. */
export function irq_restore(flags: irqflags): void {
  if (this_cpu.irqs_off === 0) warn_bogus_irq_restore();
  if ((flags & IF) !== 0) raw_local_irq_enable();
  else raw_local_irq_save();
}

/** Follows kernel/locking/irqflag-debug.c. */
function warn_bogus_irq_restore(): void {
  report('irq-restore', 'raw_local_irq_restore() called with IRQs enabled');
}

/** The flag as a flags word, without changing it. Context: any. */
export function local_save_flags(): irqflags {
  return this_cpu.irqs_off !== 0 ? 0 : X86_EFLAGS_IF;
}

/** 1 while interrupts are disabled on this CPU. Context: any. */
export function irqs_disabled(): number {
  return this_cpu.irqs_off;
}

/** 1 where a flags word says that interrupts were disabled. */
export function irqs_disabled_flags(flags: irqflags): number {
  return +((flags & X86_EFLAGS_IF) === 0);
}
