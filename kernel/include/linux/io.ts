/**
 * I/O ports. Follows arch/x86/include/asm/shared/io.h and asm/io.h. `port` is 0 to 0xffff; a port that no device
 * answers reads as all ones. Context: any.
 */
import { arch } from '../../arch/arch.js';
import { this_cpu } from '../../arch/cpu.js';
import { point, POINT_NS } from '../../arch/point.js';

/** A port of the ISA bus answers in about a microsecond, however fast the CPU is. */
const ISA_CYCLE_NS = 1000;

/** The CPU waits for the bus. */
function bus_cycle(): void {
  this_cpu.fuel -= ISA_CYCLE_NS - POINT_NS;
  point();
}

/** Reads a byte. */
export function inb(port: number): number {
  bus_cycle();
  return arch.io.read(port, 1);
}

/** Reads 16 bits. */
export function inw(port: number): number {
  bus_cycle();
  return arch.io.read(port, 2);
}

/** Reads 32 bits. */
export function inl(port: number): number {
  bus_cycle();
  return arch.io.read(port, 4);
}

/** Writes a byte. As in C, the value comes first. */
export function outb(value: number, port: number): void {
  bus_cycle();
  arch.io.write(port, value, 1);
}

/** Writes 16 bits. */
export function outw(value: number, port: number): void {
  bus_cycle();
  arch.io.write(port, value, 2);
}

/** Writes 32 bits. */
export function outl(value: number, port: number): void {
  bus_cycle();
  arch.io.write(port, value, 4);
}

/** Port 0x80 is written to after the access: the pause that slow devices once needed. */
function slow_down_io(): void {
  bus_cycle();
}

export function inb_p(port: number): number {
  const value = inb(port);
  slow_down_io();
  return value;
}

export function inw_p(port: number): number {
  const value = inw(port);
  slow_down_io();
  return value;
}

export function inl_p(port: number): number {
  const value = inl(port);
  slow_down_io();
  return value;
}

export function outb_p(value: number, port: number): void {
  outb(value, port);
  slow_down_io();
}

export function outw_p(value: number, port: number): void {
  outw(value, port);
  slow_down_io();
}

export function outl_p(value: number, port: number): void {
  outl(value, port);
  slow_down_io();
}
