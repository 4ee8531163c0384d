/** Timers of nanosecond grain, on the machine's own events. Follows kernel/time/hrtimer.c. */
import { arch, type ClockEvent } from '../arch/arch.js';
import { type Cpu, CPU_SPINNING } from '../arch/cpu.js';
import { kernel } from '../current.js';

/** One timer: its function runs in a hard interrupt of the CPU that started it. */
export class HrtimerNode {
  /** ns since boot. */
  expires = 0;
  /** The CPU it was started on. */
  cpu: Cpu | null = null;
  /** Its function runs now. */
  running = false;
  private event: ClockEvent | null = null;
  private fired = false;
  private readonly expire: () => void;

  constructor(expire: () => void) {
    this.expire = expire;
  }

  get pending(): boolean {
    return this.event !== null;
  }

  /** Starts it, or again, for a time in ns since boot. */
  start(expires: number, cpu: Cpu): void {
    this.cancel();
    this.expires = expires;
    this.cpu = cpu;
    const event = arch.schedule_event(Math.max(expires, arch.now()), () => {
      this.fired = true;
      kernel.irq.send_call_function(cpu, () => {
        this.interrupt(event);
      });
    });
    this.event = event;
  }

  /** Context: hard interrupt. The timer may have been stopped, or started again, since the interrupt was raised. */
  private interrupt(event: ClockEvent): void {
    if (this.event !== event) return;
    this.event = null;
    this.fired = false;
    this.running = true;
    this.expire();
    this.running = false;
    // Somebody may be in hrtimer_cancel().
    for (const cpu of arch.cpus) if (cpu.state === CPU_SPINNING && cpu !== this.cpu) arch.notify(cpu);
  }

  /** Stops it. Returns whether it was pending. */
  cancel(): boolean {
    const { event } = this;
    if (event === null) return false;
    if (!this.fired) arch.cancel_event(event);
    this.fired = false;
    this.event = null;
    return true;
  }
}
