/**
 * Simulated interrupt lines: software raises them, and the handler runs in a hard interrupt on the CPU that did.
 * Follows kernel/irq/irq_sim.c, and irq_set_irqchip_state() of kernel/irq/manage.c.
 */
import { arch } from '../arch/arch.js';
import { this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { kernel } from '../current.js';
import { EINVAL } from '../include/linux/errno.js';
import { GFP_KERNEL } from '../mm/gfp_types.js';
import { might_alloc } from '../sched/might_sleep.js';
import { deliver_pending } from './handle.js';
import { irq_domain } from './irqdomain.js';

/** The line has an interrupt that no CPU has taken. */
export const IRQCHIP_STATE_PENDING = 0;
/** Its handlers run. */
export const IRQCHIP_STATE_ACTIVE = 1;
/** The controller keeps it from the CPUs. */
export const IRQCHIP_STATE_MASKED = 2;
export const IRQCHIP_STATE_LINE_LEVEL = 3;

/** A domain of `num_irqs` simulated lines. `fwnode` is what names it, or null. Context: process, may sleep. */
export function irq_domain_create_sim(fwnode: { readonly name: string } | null, num_irqs: number): irq_domain {
  point();
  might_alloc(GFP_KERNEL);
  const domain = new irq_domain(fwnode?.name ?? 'irq_sim', num_irqs);
  kernel.registrations.add('domain', domain, domain.name);
  return domain;
}

/** The domain goes; the mappings of its lines should be gone by then. Context: process, may sleep. */
export function irq_domain_remove_sim(domain: irq_domain): void {
  point();
  // Numbers that are still mapped stay taken, as they do in Linux.
  domain.revmap.fill(0);
  kernel.registrations.remove(domain);
}

/**
 * Raises (IRQCHIP_STATE_PENDING, true) or takes back an interrupt of the line. A simulated line that is masked, or
 * was never started, loses it; one that is only disabled remembers it.
 * Returns 0, or -EINVAL for a line or a state that cannot be set. Context: any.
 */
export function irq_set_irqchip_state(irq: number, which: number, val: boolean): number {
  point();
  const desc = kernel.irq.irq_to_desc(irq);
  if (desc === null || which !== IRQCHIP_STATE_PENDING) return -EINVAL;
  if (!val) arch.irqchip.irq_clear_pending(irq);
  else if (desc.domain === null) arch.irqchip.irq_raise(irq);
  else if (!desc.masked) {
    // Its interrupt is an irq_work: it comes to the CPU that asks for it.
    arch.irqchip.irq_set_affinity(irq, this_cpu.id);
    arch.irqchip.irq_raise(irq);
  }
  deliver_pending();
  return 0;
}

/**
 * Whether the line is pending, active or masked: 1 or 0, which Linux writes through a pointer; -EINVAL for a line or
 * a state that cannot be read. Context: any.
 */
export function irq_get_irqchip_state(irq: number, which: number): number {
  point();
  const desc = kernel.irq.irq_to_desc(irq);
  if (desc === null) return -EINVAL;
  switch (which) {
    case IRQCHIP_STATE_PENDING:
      return +arch.irqchip.irq_is_pending(irq);
    case IRQCHIP_STATE_ACTIVE:
      return +desc.in_progress;
    case IRQCHIP_STATE_MASKED:
      return +desc.masked;
    default:
      return -EINVAL;
  }
}
