/**
 * The interrupt controller as the kernel drives it. Follows include/linux/irq.h, struct irq_chip, for the names.
 *
 * The controller latches edges, tracks levels, and marks the CPU a line is routed to; which handler runs is the
 * kernel's business.
 */
import type { Cpu } from './cpu.js';

/** Lines of the controller. 0 is the timer's, as on a PC. */
export const NR_IRQS = 64;

export interface IrqChip {
  /** Interrupts of this line no longer reach a CPU; edges are still latched. */
  irq_mask(irq: number): void;
  irq_unmask(irq: number): void;
  /** The latched edge is taken. */
  irq_ack(irq: number): void;
  /** `cpu` becomes the one that serves the line. */
  irq_set_affinity(irq: number, cpu: number): void;
  irq_set_level(irq: number, level: boolean): void;
  /** An edge on the line, or its level goes up. */
  irq_raise(irq: number): void;
  /** The level of the line goes down. */
  irq_lower(irq: number): void;
  irq_is_pending(irq: number): boolean;
  irq_clear_pending(irq: number): void;
  /** The first line pending for the CPU, or -1. */
  next_pending(cpu: Cpu): number;
}
