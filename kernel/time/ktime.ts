/**
 * The clock in ns. Follows include/linux/ktime.h and kernel/time/timekeeping.c. ktime_t is a number here: 2^53 ns are
 * 104 days of virtual time.
 */
import { arch } from '../arch/arch.js';
import { point } from '../arch/point.js';

export type ktime_t = number;

export const NSEC_PER_USEC = 1000;
export const NSEC_PER_MSEC = 1_000_000;
export const NSEC_PER_SEC = 1_000_000_000;
export const KTIME_MAX = Number.MAX_SAFE_INTEGER;

/** ns since boot. Context: any. */
export function ktime_get(): ktime_t {
  point();
  return arch.now();
}

export const ktime_get_ns = ktime_get;
/** Virtual machines are never suspended: boot time is monotonic time. */
export const ktime_get_boottime = ktime_get;
/** The epoch is the boot: a run must not depend on the day. */
export const ktime_get_real = ktime_get;
export const ktime_get_real_ns = ktime_get;

/** Seconds since boot. Context: any, as all of these. */
export function ktime_get_seconds(): number {
  return Math.floor(ktime_get() / NSEC_PER_SEC);
}
export function ktime_set(secs: number, nsecs: number): ktime_t {
  return secs * NSEC_PER_SEC + nsecs;
}
export function ktime_add(a: ktime_t, b: ktime_t): ktime_t {
  return a + b;
}
export function ktime_sub(a: ktime_t, b: ktime_t): ktime_t {
  return a - b;
}
export function ktime_add_ns(kt: ktime_t, nsecs: number): ktime_t {
  return kt + nsecs;
}
export function ktime_sub_ns(kt: ktime_t, nsecs: number): ktime_t {
  return kt - nsecs;
}
export function ktime_add_us(kt: ktime_t, usecs: number): ktime_t {
  return kt + usecs * NSEC_PER_USEC;
}
export function ktime_sub_us(kt: ktime_t, usecs: number): ktime_t {
  return kt - usecs * NSEC_PER_USEC;
}
export function ktime_add_ms(kt: ktime_t, msecs: number): ktime_t {
  return kt + msecs * NSEC_PER_MSEC;
}
export function ktime_sub_ms(kt: ktime_t, msecs: number): ktime_t {
  return kt - msecs * NSEC_PER_MSEC;
}
export function ktime_to_ns(kt: ktime_t): number {
  return kt;
}
/** Rounded toward 0, as C divides. */
export function ktime_to_us(kt: ktime_t): number {
  return Math.trunc(kt / NSEC_PER_USEC);
}
export function ktime_to_ms(kt: ktime_t): number {
  return Math.trunc(kt / NSEC_PER_MSEC);
}
export function ns_to_ktime(ns: number): ktime_t {
  return ns;
}
export function us_to_ktime(us: number): ktime_t {
  return us * NSEC_PER_USEC;
}
export function ms_to_ktime(ms: number): ktime_t {
  return ms * NSEC_PER_MSEC;
}
/** Below, at or above 0, as a is before, at or after b. */
export function ktime_compare(a: ktime_t, b: ktime_t): number {
  return Math.sign(a - b);
}
export function ktime_after(a: ktime_t, b: ktime_t): boolean {
  return a > b;
}
export function ktime_before(a: ktime_t, b: ktime_t): boolean {
  return a < b;
}
export function ktime_ms_delta(later: ktime_t, earlier: ktime_t): number {
  return ktime_to_ms(later - earlier);
}
export function ktime_us_delta(later: ktime_t, earlier: ktime_t): number {
  return ktime_to_us(later - earlier);
}
