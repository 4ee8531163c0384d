/** Follows include/linux/irq.h: lines as their controllers see them. */
import { point } from '../../arch/point.js';
import { kernel } from '../../current.js';

export {
  IRQ_TYPE_EDGE_BOTH, IRQ_TYPE_EDGE_FALLING, IRQ_TYPE_EDGE_RISING, IRQ_TYPE_LEVEL_HIGH, IRQ_TYPE_LEVEL_LOW, IRQ_TYPE_LEVEL_MASK,
  IRQ_TYPE_NONE, IRQ_TYPE_SENSE_MASK,
} from '../../irq/chip.js';
export { IRQ_DISABLE_UNLAZY, IRQ_NOAUTOEN, IRQ_NOREQUEST } from '../../irq/flags.js';
export {
  irq_get_irqchip_state, irq_set_irqchip_state, IRQCHIP_STATE_ACTIVE, IRQCHIP_STATE_LINE_LEVEL, IRQCHIP_STATE_MASKED, IRQCHIP_STATE_PENDING,
} from '../../irq/irq_sim.js';
export { irq_set_affinity, irq_set_irq_type } from '../../irq/manage.js';

/** Sets flags of a line: IRQ_NOAUTOEN, IRQ_NOREQUEST, IRQ_DISABLE_UNLAZY. Context: any. */
export function irq_set_status_flags(irq: number, set: number): void {
  point();
  const desc = kernel.irq.irq_to_desc(irq);
  if (desc !== null) desc.status |= set;
}

/** Clears flags of a line. Context: any. */
export function irq_clear_status_flags(irq: number, clear: number): void {
  point();
  const desc = kernel.irq.irq_to_desc(irq);
  if (desc !== null) desc.status &= ~clear;
}

/** True where somebody has requested the line. Context: any. */
export function irq_has_action(irq: number): boolean {
  point();
  return (kernel.irq.irq_to_desc(irq)?.actions.length ?? 0) > 0;
}
