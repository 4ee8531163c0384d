/**
 * The contract with the machine: what the emulated kernel asks of the hardware under it.
 * The runtime implements it; nothing in kernel/ knows how.
 */
import type { Cpu } from './cpu.js';
import type { IrqChip } from './irqchip.js';
import type { task_struct } from './task.js';

/** The kinds of decision that could go another way. */
export type ChoiceKind = 'cpu' | 'irq' | 'task' | 'alloc' | 'device' | 'random' | 'timer' | 'line' | 'late' | 'settle';

/** Something that will happen at a time; cancel it by handing it back. */
export interface ClockEvent {
  /** ns since boot. */
  readonly time: number;
  readonly fire: () => void;
  /** Index in the queue while it waits there, else -1. */
  slot: number;
}

/** The I/O ports of a PC. `width` is the size of the access in bytes: 1, 2 or 4. */
export interface IoPorts {
  /** What a port that no device answers reads as is all ones. */
  read(port: number, width: number): number;
  write(port: number, value: number, width: number): void;
}

export interface Arch {
  readonly cpus: readonly Cpu[];
  readonly irqchip: IrqChip;
  readonly io: IoPorts;

  /** The slow half of a preemption point; `step` is what begins, see point.ts, and `address` what it accesses. */
  look_around(cpu: Cpu, step: number, address: number): void;
  /** `prev` leaves this CPU and `next` (already its current) goes on; returns when prev runs again. */
  switch_to(prev: task_struct, next: task_struct): void;
  /** `prev` is over, its successor is current already. Never returns; the machine reclaims the stack. */
  switch_to_last(prev: task_struct): never;
  /** Busy-waits on this CPU until `blocked()` is false; interrupts come in if they are enabled. */
  spin_until(cpu: Cpu, address: number, blocked: () => boolean): void;
  /** Something happened that concerns `cpu`: it is to look up now. */
  notify(cpu: Cpu): void;

  /** The run has come to more points than it may have: what goes on and on is to be told soon. */
  is_overlong(): boolean;

  /** Draws one of `n` ways to go on, 0 being the usual one. */
  choose(kind: ChoiceKind, n: number): number;

  schedule_event(time: number, fire: () => void): ClockEvent;
  cancel_event(event: ClockEvent): void;
  /** ns since boot, as this CPU (or the stopped machine) sees it. */
  now(): number;

  /** A line of the log, as the console shows it. */
  console_write(level: number, line: string): void;
  /** The user's source line of a site, or null where there is none. */
  source_line(site: number): string | null;
  /** The message of an error that V8 made, as if V8 had run the author's text. */
  authors_words(message: string): string;
  /** Stops everything and lets the host throw `error`. Never returns. */
  abandon(error: unknown): never;
  /** Runs when the kernel has panicked and said so. Never returns: the stack is parked for good. */
  halt(headline: string): never;
}

/** The machine under the current kernel. */
export let arch: Arch;

export function set_arch(machine: Arch): void {
  arch = machine;
}
