/** Follows include/linux/irqdomain.h; the makers of simulated lines, of irq_sim.h, are here as well. */
export { irq_create_mapping, irq_dispose_mapping, type irq_domain, irq_find_mapping } from '../../irq/irqdomain.js';
export { irq_domain_create_sim, irq_domain_remove_sim } from '../../irq/irq_sim.js';
