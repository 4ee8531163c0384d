/** Follows include/linux/irqreturn.h. */
// `as const`: a handler that is written without a return type is inferred to return these values, not any number.
export const IRQ_NONE = 0 as const;
export const IRQ_HANDLED = 1 as const;
export const IRQ_WAKE_THREAD = 2 as const;

export type irqreturn_t = typeof IRQ_NONE | typeof IRQ_HANDLED | typeof IRQ_WAKE_THREAD;

/** IRQ_HANDLED where `x` is true. */
export function IRQ_RETVAL(x: unknown): irqreturn_t {
  return x !== 0 && x !== false && x !== null && x !== undefined ? IRQ_HANDLED : IRQ_NONE;
}
