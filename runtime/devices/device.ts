/** What a device is to the machine, and the machine to a device. */
import type { ClockEvent } from '../../kernel/arch/arch.js';

/** The wires of a device: its interrupt line and the machine's clock. */
export interface DeviceBus {
  /** ns since boot. */
  now(): number;
  /** `fire` is called when `ns` have passed. */
  after(ns: number, fire: () => void): ClockEvent;
  cancel(event: ClockEvent): void;
  /** The device's line goes up. */
  raise(irq: number): void;
  lower(irq: number): void;
}

/** A device that is reached by I/O ports. A register that it does not have reads as 0xff. */
export interface Device {
  /** As /proc/ioports names it. */
  readonly name: string;
  /** Its first port and how many it has. */
  readonly base: number;
  readonly ports: number;
  /** Its interrupt line, which it holds up for as long as it wants service; 0 for none. */
  readonly irq: number;

  connect(bus: DeviceBus): void;
  /** One byte of register `offset`, counted from `base`. */
  read(offset: number): number;
  write(offset: number, value: number): void;
}
