/** The tick counter and its rate, which drivers read by include/linux/jiffies.h. Linux: kernel/time/timer.c, kernel/time/jiffies.c. */

/** Ticks since boot, starting five minutes before the counter wraps. A live binding: read it anew each time. */
export let jiffies = 0;

/** Each tick does. */
export function set_jiffies(value: number): void {
  jiffies = value;
}

/** Ticks a second, as the machine was booted. */
export let HZ = 250;

/** Where another machine than before runs. */
export function set_hz(hz: number): void {
  HZ = hz;
}
