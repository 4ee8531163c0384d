/** Follows include/linux/interrupt.h: interrupt lines, softirqs and tasklets. */

export {
  __IRQF_TIMER, IRQ_NOTCONNECTED, IRQF_COND_SUSPEND, IRQF_EARLY_RESUME, IRQF_FORCE_RESUME, IRQF_IRQPOLL, IRQF_NO_AUTOEN, IRQF_NO_DEBUG,
  IRQF_NO_SUSPEND, IRQF_NO_THREAD, IRQF_NOBALANCING, IRQF_ONESHOT, IRQF_PERCPU, IRQF_PROBE_SHARED, IRQF_SHARED, IRQF_TIMER,
  IRQF_TRIGGER_FALLING, IRQF_TRIGGER_HIGH, IRQF_TRIGGER_LOW, IRQF_TRIGGER_MASK, IRQF_TRIGGER_NONE, IRQF_TRIGGER_PROBE, IRQF_TRIGGER_RISING,
} from '../../irq/flags.js';
export { disable_hardirq, disable_irq, disable_irq_nosync, enable_irq, synchronize_hardirq, synchronize_irq } from '../../irq/enable.js';
export type { irq_handler_t } from '../../irq/irqdesc.js';
export {
  irq_get_irqchip_state, irq_set_irqchip_state, IRQCHIP_STATE_ACTIVE, IRQCHIP_STATE_LINE_LEVEL, IRQCHIP_STATE_MASKED, IRQCHIP_STATE_PENDING,
} from '../../irq/irq_sim.js';
export { free_irq, irq_set_affinity, irq_wake_thread, request_any_context_irq, request_irq, request_threaded_irq } from '../../irq/manage.js';
export { local_softirq_pending, open_softirq, raise_softirq, raise_softirq_irqoff } from '../../irq/softirq_api.js';
export * from '../../irq/softirq_vectors.js';
export {
  DECLARE_TASKLET, DECLARE_TASKLET_DISABLED, from_tasklet, tasklet_disable, tasklet_disable_nosync, tasklet_enable, type tasklet_fn,
  tasklet_hi_schedule, tasklet_init, tasklet_kill, type tasklet_ptr, tasklet_schedule, tasklet_setup, tasklet_struct, tasklet_unlock_spin_wait,
} from '../../irq/tasklet.js';
export { local_bh_disable, local_bh_enable } from './bottom_half.js';
export { in_hardirq, in_interrupt, in_irq, in_nmi, in_serving_softirq, in_softirq, in_task } from './preempt.js';
export { IRQ_HANDLED, IRQ_NONE, IRQ_RETVAL, IRQ_WAKE_THREAD, type irqreturn_t } from './irqreturn.js';

/** What request_any_context_irq() returns where the handler runs in hard interrupt context. */
export const IRQC_IS_HARDIRQ = 0;
