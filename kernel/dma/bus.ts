/**
 * What an emulated device does on the bus: reads and writes of memory that a driver has mapped for it. Linux sees such
 * an access only where an IOMMU refuses it: drivers/iommu/intel/dmar.c, dmar_fault_do_one().
 */
import { report } from '../debug/report.js';
import { shadow, u8 } from '../mm/ram.js';
import { DMA_FROM_DEVICE, DMA_TO_DEVICE, dma_entries } from './debug.js';
import type { device } from './device.js';

/** RAM offset of a mapping that holds the range and allows the access; -1, after the report, where there is none. */
function translate(dev: device, addr: number, size: number, write: boolean): number {
  const entry = dma_entries().find((each) => each.dev === dev && addr >= each.addr && addr + size <= each.addr + each.size);
  const refused = entry === undefined ? 'PTE Read access is not set' : entry.direction === (write ? DMA_TO_DEVICE : DMA_FROM_DEVICE) ? `PTE ${write ? 'Write' : 'Read'} access is not set` : '';
  if (entry === undefined || refused !== '') {
    report('dma-api', `DMAR: [DMA ${write ? 'Write' : 'Read'} NO_PASID] Request device [${dev.name}] fault addr 0x${addr.toString(16)} [fault reason 0x${write ? '05' : '06'}] ${refused}`);
    return -1;
  }
  if (entry.owner === 'cpu' && entry.type === 'single') {
    report('dma-api', `DMA-API: ${dev.driver} ${dev.name}: device accesses memory that was synced for the cpu [device address=0x${addr.toString(16).padStart(16, '0')}] [size=${size} bytes]`);
  }
  const offset = entry.phys + addr - entry.addr;
  if (shadow[offset >>> 3]! < 0) {
    report('dma-api', `DMA-API: ${dev.driver} ${dev.name}: device accesses memory that was freed while it was mapped [device address=0x${addr.toString(16).padStart(16, '0')}] [size=${size} bytes]`);
  }
  return offset;
}

/** The device reads `size` bytes at a bus address; zeros where it may not. Context: outside of all tasks, or any. */
export function dma_read(dev: device, addr: number, size: number): Uint8Array {
  const offset = translate(dev, addr, size, false);
  return offset < 0 ? new Uint8Array(size) : u8.slice(offset, offset + size);
}

/** The device writes at a bus address; nothing happens where it may not. */
export function dma_write(dev: device, addr: number, bytes: Uint8Array): void {
  const offset = translate(dev, addr, bytes.length, true);
  if (offset >= 0) u8.set(bytes, offset);
}
