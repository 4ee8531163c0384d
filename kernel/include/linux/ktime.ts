/** Follows include/linux/ktime.h and timekeeping.h. */
export * from '../../time/ktime.js';
