/** Follows include/linux/bottom_half.h. */
export { local_bh_disable, local_bh_enable } from '../../irq/softirq_api.js';
