/** Busy waits: time passes on this CPU, and interrupts come in where they are enabled. Follows arch/x86/lib/delay.c. */
import { cpu_clock, this_cpu } from '../arch/cpu.js';
import { point, STEP_CALL } from '../arch/point.js';
import { check_time } from './arguments.js';

/** What one turn of a polling loop costs, in ns. */
const RELAX_NS = 200;

/** Lets `ns` of virtual time pass: as a preemption point does, but in the largest steps that nothing interrupts. */
function spend(ns: number): void {
  const end = cpu_clock(this_cpu) + ns;
  for (;;) {
    // A preemption may have moved the task to another CPU.
    const cpu = this_cpu;
    const left = end - cpu_clock(cpu);
    if (left <= 0) return;
    cpu.fuel -= Math.min(left, Math.max(cpu.fuel, 0) + 1);
    if (cpu.fuel < 0) cpu.look_around(STEP_CALL, 0);
  }
}

/** Busy-waits for `nsecs` ns. Context: any. */
export function ndelay(nsecs: number): void {
  point();
  check_time('ndelay', 'nsecs', nsecs);
  spend(nsecs);
}

/** Busy-waits for `usecs` us. Context: any. */
export function udelay(usecs: number): void {
  point();
  check_time('udelay', 'usecs', usecs);
  spend(usecs * 1000);
}

/** Busy-waits for `msecs` ms. Context: any; msleep() is better where it may sleep. */
export function mdelay(msecs: number): void {
  point();
  check_time('mdelay', 'msecs', msecs);
  spend(msecs * 1_000_000);
}

/** One turn of a polling loop. Context: any. */
export function cpu_relax(): void {
  spend(RELAX_NS);
}
