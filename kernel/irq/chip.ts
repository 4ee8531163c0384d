/**
 * A line and its controller: masking, starting, and the flow of an interrupt by edge or by level.
 * Follows kernel/irq/chip.c and resend.c. Everything here runs as one step, as under desc->lock.
 */
import { arch } from '../arch/arch.js';
import type { Cpu } from '../arch/cpu.js';
import { EINVAL } from '../include/linux/errno.js';
import { LOGLEVEL_ERR } from '../printk/levels.js';
import { kernel } from '../current.js';
import { handle_irq_event } from './handle.js';
import type { irq_desc } from './irqdesc.js';

export const IRQ_TYPE_NONE = 0;
export const IRQ_TYPE_EDGE_RISING = 1;
export const IRQ_TYPE_EDGE_FALLING = 2;
export const IRQ_TYPE_EDGE_BOTH = 3;
export const IRQ_TYPE_LEVEL_HIGH = 4;
export const IRQ_TYPE_LEVEL_LOW = 8;
export const IRQ_TYPE_LEVEL_MASK = 12;
export const IRQ_TYPE_SENSE_MASK = 15;

export function mask_irq(desc: irq_desc): void {
  if (desc.masked) return;
  desc.masked = true;
  arch.irqchip.irq_mask(desc.irq);
}

export function unmask_irq(desc: irq_desc): void {
  if (!desc.masked) return;
  desc.masked = false;
  arch.irqchip.irq_unmask(desc.irq);
}

/** The line delivers from here on. What came in while it was disabled is delivered again, if it was an edge. */
export function irq_startup(desc: irq_desc): void {
  desc.depth = 0;
  if (desc.threads_oneshot === 0) unmask_irq(desc);
  check_irq_resend(desc);
}

/** A line that is started for the first time: edges that came before anybody wanted them are gone, as in an I/O APIC. */
export function irq_first_startup(desc: irq_desc): void {
  if (!desc.level) arch.irqchip.irq_ack(desc.irq);
  desc.pending = false;
  irq_startup(desc);
}

export function irq_shutdown(desc: irq_desc): void {
  desc.depth = 1;
  desc.pending = false;
  mask_irq(desc);
}

/** Level lines speak for themselves; an edge that was remembered is raised again. */
function check_irq_resend(desc: irq_desc): void {
  if (!desc.pending) return;
  desc.pending = false;
  if (!desc.level) arch.irqchip.irq_raise(desc.irq);
}

/** Returns 0, or -EINVAL for a trigger that the line's controller does not know. Follows __irq_set_trigger(). */
export function __irq_set_trigger(desc: irq_desc, type: number): number {
  const level = (type & IRQ_TYPE_LEVEL_MASK) !== 0;
  const both = level && ((type & IRQ_TYPE_EDGE_BOTH) !== 0 || (type & IRQ_TYPE_LEVEL_MASK) === IRQ_TYPE_LEVEL_MASK);
  if (both || (level && desc.domain !== null)) {
    const chip = desc.domain === null ? 'i8259A_set_type' : 'irq_sim_set_type';
    kernel.printk.emit(LOGLEVEL_ERR, `genirq: Setting trigger mode ${type} for irq ${desc.irq} failed (${chip})`);
    return -EINVAL;
  }
  desc.trigger = type;
  desc.level = level;
  arch.irqchip.irq_set_level(desc.irq, level);
  return 0;
}

/** Follows handle_edge_irq(). Context: hard interrupt. */
export function handle_edge_irq(cpu: Cpu, desc: irq_desc): void {
  if (desc.in_progress || desc.depth !== 0 || desc.actions.length === 0) {
    // Another CPU handles it, or nobody may: it is remembered, and quiet until somebody looks.
    desc.pending = true;
    mask_irq(desc);
    arch.irqchip.irq_ack(desc.irq);
    return;
  }
  arch.irqchip.irq_ack(desc.irq);
  for (;;) {
    desc.kstat_irqs[cpu.id]!++;
    handle_irq_event(cpu, desc);
    if (!desc.pending || desc.depth !== 0) return;
    unmask_irq(desc);
    if (desc.actions.length === 0) {
      mask_irq(desc);
      return;
    }
  }
}

/** Follows handle_level_irq(). Context: hard interrupt. */
export function handle_level_irq(cpu: Cpu, desc: irq_desc): void {
  mask_irq(desc);
  if (desc.in_progress) return;
  desc.kstat_irqs[cpu.id]!++;
  if (desc.depth !== 0 || desc.actions.length === 0) {
    desc.pending = true;
    return;
  }
  handle_irq_event(cpu, desc);
  // As cond_unmask_irq(): a one-shot line waits for its threads.
  if (desc.depth === 0 && desc.threads_oneshot === 0) unmask_irq(desc);
}
