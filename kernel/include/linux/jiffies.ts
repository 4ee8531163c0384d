/** Time in ticks. Follows include/linux/jiffies.h; jiffies is a 32-bit counter that wraps, as on any 32-bit machine. */
import { kernel } from '../../current.js';
import { HZ, jiffies } from '../../time/jiffies.js';

export { HZ, jiffies };

/** 64-bit ticks since boot. Context: any. */
export function get_jiffies_64(): number {
  return kernel.time.ticks + ((-300 * HZ) >>> 0);
}

/** 1 where tick count a is later than b, wrapped or not. Context: any, as all of these. */
export function time_after(a: number, b: number): number {
  return +(((b - a) | 0) < 0);
}
export function time_before(a: number, b: number): number {
  return time_after(b, a);
}
export function time_after_eq(a: number, b: number): number {
  return +(((a - b) | 0) >= 0);
}
export function time_before_eq(a: number, b: number): number {
  return time_after_eq(b, a);
}
export function time_in_range(a: number, b: number, c: number): number {
  return time_after_eq(a, b) & time_before_eq(a, c);
}

/** The longest timeout; also "for ever". */
export const MAX_JIFFY_OFFSET = 0x7fff_fffe / 2;
export const MAX_SCHEDULE_TIMEOUT = 0x7fff_ffff;

/** ms to ticks, rounded up. Context: any, as all of these. Follows kernel/time/time.c. */
export function msecs_to_jiffies(ms: number): number {
  return ms < 0 ? MAX_JIFFY_OFFSET : Math.ceil((ms * HZ) / 1000);
}
export function usecs_to_jiffies(us: number): number {
  return Math.ceil((us * HZ) / 1_000_000);
}
export function nsecs_to_jiffies(ns: number): number {
  return Math.floor((ns * HZ) / 1_000_000_000);
}
export function jiffies_to_msecs(j: number): number {
  return Math.floor((j * 1000) / HZ);
}
export function jiffies_to_usecs(j: number): number {
  return Math.floor((j * 1_000_000) / HZ);
}
/** A tick count rounded to a whole second, so that timers that need no precision expire together. */
export function round_jiffies(j: number): number {
  const rem = j % HZ;
  return rem < HZ / 4 ? j - rem : j - rem + HZ;
}
export function round_jiffies_relative(delta: number): number {
  return round_jiffies(delta + jiffies) - jiffies;
}
