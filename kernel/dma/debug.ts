/**
 * What is mapped for which device, and what is done wrong with it. Linux: kernel/dma/debug.c (CONFIG_DMA_API_DEBUG),
 * whose words these are.
 */
import { this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { report, type Print } from '../debug/report.js';
import { print_stack } from '../debug/report.js';
import { here, type Track } from '../mm/kasan/record.js';
import type { device } from './device.js';

export const DMA_BIDIRECTIONAL = 0;
export const DMA_TO_DEVICE = 1;
export const DMA_FROM_DEVICE = 2;
export const DMA_NONE = 3;
const DIRECTIONS = ['DMA_BIDIRECTIONAL', 'DMA_TO_DEVICE', 'DMA_FROM_DEVICE', 'DMA_NONE'] as const;

export type MappingType = 'single' | 'coherent';

/** Linux: struct dma_debug_entry. */
export interface DmaEntry {
  readonly dev: device;
  readonly type: MappingType;
  /** Bus address. */
  readonly addr: number;
  readonly size: number;
  readonly direction: number;
  /** RAM offset. */
  readonly phys: number;
  readonly mapped: Track;
  /** The driver has asked whether the mapping succeeded. */
  checked: boolean;
  /** Streaming memory is the device's until dma_sync_single_for_cpu(). */
  owner: 'cpu' | 'device';
}

const entries = new WeakMap<object, DmaEntry[]>();

/** All mappings of the machine. */
export function dma_entries(): DmaEntry[] {
  let list = entries.get(kernel);
  if (list === undefined) entries.set(kernel, (list = []));
  return list;
}

const hex16 = (addr: number): string => `0x${addr.toString(16).padStart(16, '0')}`;

/** Linux: err_printk(). */
export function err_printk(dev: device, entry: DmaEntry | null, fn: string, what: string): void {
  report('dma-api', `DMA-API: ${dev.driver} ${dev.name}: ${what}\nWARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at kernel/dma/debug.c ${fn}`, (print) => {
    if (entry !== null) print_mapped(print, entry);
  });
}

function print_mapped(print: Print, entry: DmaEntry): void {
  print('Mapped at:');
  print_stack(print, entry.mapped.frame, entry.mapped.site);
}

export function add_dma_entry(dev: device, type: MappingType, addr: number, phys: number, size: number, direction: number): DmaEntry {
  const owner = type === 'coherent' ? 'cpu' : 'device';
  const entry: DmaEntry = { dev, type, addr, size, direction, phys, mapped: here(), checked: type === 'coherent', owner };
  dma_entries().push(entry);
  return entry;
}

/** The driver asks whether a mapping succeeded. Linux: debug_dma_mapping_error(). */
export function note_checked(dev: device, addr: number): void {
  const entry = dma_entries().find((each) => each.dev === dev && each.addr === addr && !each.checked);
  if (entry !== undefined) entry.checked = true;
}

/** Checks the end of a mapping, takes it off the list and returns it; null where there is none. Linux: check_unmap(). */
export function check_unmap(dev: device, type: MappingType, addr: number, size: number, direction: number): DmaEntry | null {
  const list = dma_entries();
  const fn = 'check_unmap';
  const at = list.findIndex((each) => each.dev === dev && each.addr === addr);
  if (at < 0) {
    err_printk(dev, null, fn, `device driver tries to free DMA memory it has not allocated [device address=${hex16(addr)}] [size=${size} bytes]`);
    return null;
  }
  const [entry] = list.splice(at, 1) as [DmaEntry];
  const where = `[device address=${hex16(addr)}]`;
  if (size !== entry.size) {
    err_printk(dev, entry, fn, `device driver frees DMA memory with different size ${where} [map size=${entry.size} bytes] [unmap size=${size} bytes]`);
  }
  if (type !== entry.type) {
    err_printk(dev, entry, fn, `device driver frees DMA memory with wrong function ${where} [size=${size} bytes] [mapped as ${entry.type}] [unmapped as ${type}]`);
  }
  if (type === entry.type && direction !== entry.direction) {
    err_printk(dev, entry, fn, `device driver frees DMA memory with different direction ${where} [size=${size} bytes] [mapped with ${DIRECTIONS[entry.direction]!}] [unmapped with ${DIRECTIONS[direction]!}]`);
  }
  if (!entry.checked) {
    err_printk(dev, entry, fn, `device driver failed to check map error${where} [size=${size} bytes] [mapped as ${entry.type}]`);
  }
  return entry;
}

/** Checks a change of owner, and returns the mapping; null where there is none. Linux: check_sync(). */
export function check_sync(dev: device, addr: number, size: number, direction: number, to_cpu: boolean): DmaEntry | null {
  const fn = 'check_sync';
  const entry = dma_entries().find((each) => each.dev === dev && addr >= each.addr && addr < each.addr + each.size);
  const where = `[device address=${hex16(addr)}]`;
  if (entry === undefined) {
    err_printk(dev, null, fn, `device driver tries to sync DMA memory it has not allocated ${where} [size=${size} bytes]`);
    return null;
  }
  if (addr + size > entry.addr + entry.size) {
    err_printk(dev, entry, fn, `device driver syncs DMA memory outside allocated range ${where} [allocation size=${entry.size} bytes] [sync offset+size=${addr - entry.addr + size}]`);
  }
  if (entry.direction === DMA_BIDIRECTIONAL) return entry;
  const as = `[size=${size} bytes] [mapped with ${DIRECTIONS[entry.direction]!}] [synced with ${DIRECTIONS[direction]!}]`;
  if (direction !== entry.direction) err_printk(dev, entry, fn, `device driver syncs DMA memory with different direction ${where} ${as}`);
  if (to_cpu && entry.direction === DMA_TO_DEVICE && direction !== DMA_TO_DEVICE) err_printk(dev, entry, fn, `device driver syncs device read-only DMA memory for cpu ${where} ${as}`);
  if (!to_cpu && entry.direction === DMA_FROM_DEVICE && direction !== DMA_FROM_DEVICE) err_printk(dev, entry, fn, `device driver syncs device write-only DMA memory to device ${where} ${as}`);
  return entry;
}

/** A driver lets go of its device: what is mapped still has leaked. Linux: dma_debug_device_change(). */
export function dma_debug_device_change(dev: device): void {
  const left = dma_entries().filter((entry) => entry.dev === dev);
  const [entry] = left;
  if (entry === undefined) return;
  err_printk(
    dev,
    entry,
    'dma_debug_device_change',
    `device driver has pending DMA allocations while released from device [count=${left.length}]\n` +
      `One of leaked entries details: [device address=${hex16(entry.addr)}] [size=${entry.size} bytes] [mapped with ${DIRECTIONS[entry.direction]!}] [mapped as ${entry.type}]`,
  );
}
