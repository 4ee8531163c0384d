/** Follows include/linux/delay.h. */
export { mdelay, ndelay, udelay } from '../../time/delay.js';
export { fsleep, msleep, msleep_interruptible, ssleep, usleep_range } from '../../time/sleep.js';
