/** What the host gives to a machine's functions: a caller without TypeScript, or with a cast, is told what is wanted. */
import { NR_IRQS } from '../../kernel/arch/irqchip.js';
import { shown } from '../../kernel/lib/shown.js';
import type { Device } from '../devices/device.js';
import { MachineError } from './errors.js';

export function checkName(what: string, name: unknown): void {
  if (typeof name !== 'string') throw new MachineError(`${what}(): wants the name of a module, got ${shown(name)}`);
}

export function checkTime(what: string, ns: unknown): void {
  if (typeof ns === 'number' && ns >= 0 && ns < 2 ** 53) return;
  throw new MachineError(`${what}(): a time in ns is a number from 0 to 2^53, got ${shown(ns)}`);
}

export function checkDevice(device: Partial<Device> | null | undefined): void {
  if (typeof device !== 'object' || device === null) throw new MachineError(`attach(): wants a device, as new Uart() is one, got ${shown(device)}`);
  for (const method of ['connect', 'read', 'write'] as const) {
    if (typeof device[method] !== 'function') throw new MachineError(`attach(): a device has a function ${method}(), got ${shown(device[method])}`);
  }
  for (const number of ['base', 'ports', 'irq'] as const) {
    if (!Number.isInteger(device[number])) throw new MachineError(`attach(): a device's ${number} is an integer, got ${shown(device[number])}`);
  }
}

export function checkPattern(what: string, pattern: unknown): void {
  if (typeof pattern === 'string' || pattern instanceof RegExp) return;
  throw new MachineError(`${what}(): wants a text that occurs in the report, or a regular expression, got ${shown(pattern)}`);
}

export function checkLine(what: string, irq: number): number {
  if (Number.isInteger(irq) && irq > 0 && irq < NR_IRQS) return irq;
  throw new MachineError(`${what}(): an interrupt line is an integer from 1 to ${NR_IRQS - 1}, got ${shown(irq)}`);
}
