/** Follows include/linux/irqreturn.h. */
export const IRQ_NONE = 0;
export const IRQ_HANDLED = 1;
export const IRQ_WAKE_THREAD = 2;

export type irqreturn_t = typeof IRQ_NONE | typeof IRQ_HANDLED | typeof IRQ_WAKE_THREAD;

/** IRQ_HANDLED where `x` is true. */
export function IRQ_RETVAL(x: unknown): irqreturn_t {
  return x !== 0 && x !== false && x !== null && x !== undefined ? IRQ_HANDLED : IRQ_NONE;
}
