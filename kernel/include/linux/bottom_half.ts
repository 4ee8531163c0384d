/** Follows include/linux/bottom_half.h. */
import { point } from '../../arch/point.js';
import { kernel } from '../../current.js';

/** Softirqs are not served on this CPU until local_bh_enable(). Nests. Context: any but hard interrupt. */
export function local_bh_disable(): void {
  point();
  kernel.softirq.local_bh_disable();
}

/**
 * Undoes one local_bh_disable(); softirqs that waited for the last are served before it returns.
 * Context: any with interrupts enabled, but hard interrupt.
 */
export function local_bh_enable(): void {
  point();
  kernel.softirq.local_bh_enable();
}
