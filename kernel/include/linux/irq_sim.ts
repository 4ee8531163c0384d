/** Follows include/linux/irq_sim.h. */
export { irq_domain_create_sim, irq_domain_remove_sim } from '../../irq/irq_sim.js';
