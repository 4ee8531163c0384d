/** Flags of handlers and of lines, with the values of include/linux/interrupt.h and include/linux/irq.h. */

export const IRQF_TRIGGER_NONE = 0x00000000;
export const IRQF_TRIGGER_RISING = 0x00000001;
export const IRQF_TRIGGER_FALLING = 0x00000002;
export const IRQF_TRIGGER_HIGH = 0x00000004;
export const IRQF_TRIGGER_LOW = 0x00000008;
export const IRQF_TRIGGER_MASK = IRQF_TRIGGER_HIGH | IRQF_TRIGGER_LOW | IRQF_TRIGGER_RISING | IRQF_TRIGGER_FALLING;
export const IRQF_TRIGGER_PROBE = 0x00000010;

/** Several handlers may have the line; each looks whether its own device is meant. */
export const IRQF_SHARED = 0x00000080;
/** The caller expects that the line may not be shared, and wants no message. */
export const IRQF_PROBE_SHARED = 0x00000100;
export const __IRQF_TIMER = 0x00000200;
export const IRQF_PERCPU = 0x00000400;
export const IRQF_NOBALANCING = 0x00000800;
export const IRQF_IRQPOLL = 0x00001000;
/** The line stays masked from the hard handler to the end of the threads. */
export const IRQF_ONESHOT = 0x00002000;
export const IRQF_NO_SUSPEND = 0x00004000;
export const IRQF_FORCE_RESUME = 0x00008000;
export const IRQF_NO_THREAD = 0x00010000;
export const IRQF_EARLY_RESUME = 0x00020000;
export const IRQF_COND_SUSPEND = 0x00040000;
/** The line stays disabled until enable_irq(). */
export const IRQF_NO_AUTOEN = 0x00080000;
export const IRQF_NO_DEBUG = 0x00100000;
export const IRQF_TIMER = __IRQF_TIMER | IRQF_NO_SUSPEND | IRQF_NO_THREAD;

/** The device has no interrupt line. */
export const IRQ_NOTCONNECTED = 0x8000_0000;

/** Nobody may request the line. */
export const IRQ_NOREQUEST = 1 << 11;
/** request_irq() leaves the line disabled. */
export const IRQ_NOAUTOEN = 1 << 12;
/** disable_irq() masks the line at once. */
export const IRQ_DISABLE_UNLAZY = 1 << 19;
