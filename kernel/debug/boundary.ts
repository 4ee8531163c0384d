/**
 * The kernel's own places in a call trace. Those at which an interrupt came in end a part of the trace that
 * Linux prints between `<IRQ>` and `</IRQ>`.
 */
import { add_irq_entry } from '../arch/callstack.js';
import { kernel_site } from '../arch/site.js';

const boundaries = new Map<number, string>();

/** A kernel function on whose stack an interrupt's code runs. */
function boundary_site(fn: string, part: string): number {
  const site = kernel_site(fn);
  boundaries.set(site, part);
  add_irq_entry(site);
  return site;
}

export const SITE_HANDLE_IRQ = boundary_site('__handle_irq_event_percpu', 'IRQ');
export const SITE_TICK = boundary_site('tick_handle_periodic', 'IRQ');
export const SITE_IPI = boundary_site('generic_smp_call_function_interrupt', 'IRQ');
export const SITE_DO_SOFTIRQ = boundary_site('__do_softirq', 'SOFTIRQ');

/** Name of the part that ends at this place, or null where none does. */
export function boundary_of(site: number): string | null {
  return boundaries.get(site) ?? null;
}
