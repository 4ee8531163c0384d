/**
 * Memory that a device reads and writes by itself. Linux: kernel/dma/mapping.c, kernel/dma/direct.c.
 *
 * While a streaming mapping is the device's, the CPU must leave the memory alone (it may read what the device only
 * reads): such an access is reported, in the words that CONFIG_DMA_API_DEBUG had for it.
 */
import { this_cpu } from '../arch/cpu.js';
import { point } from '../arch/point.js';
import { kernel_bug } from '../debug/fault.js';
import { report } from '../debug/report.js';
import { EIO, ENOMEM } from '../include/linux/errno.js';
import { as_address, as_size, check_gfp } from '../mm/arguments.js';
import { __GFP_DMA, __GFP_DMA32, __GFP_HIGHMEM, __GFP_ZERO } from '../mm/gfp_types.js';
import { check_access } from '../mm/kasan/kasan.js';
import { get_order, hex8, MAX_ORDER, PAGE_OFFSET, PAGE_SHIFT } from '../mm/layout.js';
import { pfn_to_addr } from '../mm/pages/page.js';
import { __alloc_pages, __free_pages_ok } from '../mm/pages/page_alloc.js';
import type { Ptr } from '../mm/pointer.js';
import { lowmem_bytes } from '../mm/ram.js';
import { offset_of } from '../mm/kasan/record.js';
import { is_vmalloc_addr } from '../mm/vmalloc/vmalloc_area.js';
import { set_watcher, unwatch, watch } from '../mm/kasan/watch.js';
import { might_alloc } from '../sched/might_sleep.js';
import { add_dma_entry, check_sync, check_unmap, type DmaEntry, DMA_BIDIRECTIONAL, dma_entries, DMA_NONE, DMA_TO_DEVICE, err_printk, note_checked } from './debug.js';
import { type device, DMA_BIT_MASK } from './device.js';
import { dma_capable, DMA_MAPPING_ERROR, phys_to_dma } from './direct.js';

const DMA_ZONE_BITS = 24;

function warn(where: string, fn: string): string {
  return `WARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at ${where} ${fn}`;
}

/** Says which bus addresses the device reaches. Returns 0, or -EIO where that is less than ZONE_DMA. Context: process. */
export function dma_set_mask(dev: device, mask: number): number {
  point();
  if (mask < DMA_BIT_MASK(DMA_ZONE_BITS)) return -EIO;
  dev.dma_mask = mask;
  return 0;
}

/** dma_set_mask() for coherent memory. */
export function dma_set_coherent_mask(dev: device, mask: number): number {
  point();
  if (mask < DMA_BIT_MASK(DMA_ZONE_BITS)) return -EIO;
  dev.coherent_dma_mask = mask;
  return 0;
}

export function dma_set_mask_and_coherent(dev: device, mask: number): number {
  const err = dma_set_mask(dev, mask);
  return err !== 0 ? err : dma_set_coherent_mask(dev, mask);
}

/** Coherent memory as the CPU and as the device sees it. */
export interface CoherentMemory<T = unknown> {
  readonly cpu_addr: Ptr<T>;
  readonly dma_handle: number;
}

/**
 * Memory, zeroed, that the CPU and the device may use at the same time: in C the bus address comes back through an
 * argument, here both come back together. Null where there is none. Context: any with flags that do not sleep, else
 * process.
 */
export function dma_alloc_coherent<T = unknown>(dev: device, size: number, gfp: number): CoherentMemory<T> | null {
  point();
  check_gfp('dma_alloc_coherent', gfp);
  const bytes = as_size('dma_alloc_coherent', 'size', size);
  const order = get_order(bytes);
  if (bytes === 0 || order >= MAX_ORDER) return null;
  might_alloc(gfp);
  const narrow = dev.coherent_dma_mask <= DMA_BIT_MASK(DMA_ZONE_BITS);
  const flags = (gfp & ~(__GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM)) | __GFP_ZERO | (narrow ? __GFP_DMA : 0);
  const pfn = __alloc_pages(flags, order, bytes, 0);
  if (pfn < 0) return null;
  const phys = pfn << PAGE_SHIFT;
  const dma_handle = phys_to_dma(phys);
  if (!dma_capable(dev.coherent_dma_mask, dma_handle, bytes)) {
    __free_pages_ok(pfn, order);
    return null;
  }
  add_dma_entry(dev, 'coherent', dma_handle, phys, bytes, DMA_BIDIRECTIONAL);
  return { cpu_addr: pfn_to_addr(pfn) as Ptr<T>, dma_handle };
}

/** Frees what dma_alloc_coherent() gave, with the same size. Context: any with interrupts enabled. */
export function dma_free_coherent(dev: device, size: number, cpu_addr: Ptr | null, dma_handle: number): void {
  point();
  if (this_cpu.irqs_off !== 0) report('dma-api', warn('kernel/dma/mapping.c:527', 'dma_free_attrs'));
  if (cpu_addr === null) return;
  const entry = check_unmap(dev, 'coherent', dma_handle, size, DMA_BIDIRECTIONAL);
  if (entry === null) return;
  if (offset_of(cpu_addr) !== entry.phys) {
    err_printk(dev, entry, 'check_unmap', `device driver frees DMA memory with different CPU address [device address=0x${dma_handle.toString(16).padStart(16, '0')}] [size=${size} bytes] [cpu alloc address=0x${hex8(PAGE_OFFSET + entry.phys)}] [cpu free address=0x${hex8(cpu_addr)}]`);
  }
  if (entry.type === 'coherent') __free_pages_ok(entry.phys >>> PAGE_SHIFT, get_order(entry.size));
  else unwatch(entry.phys, entry.size);
}

function check_direction(direction: number, where: string): void {
  if (!Number.isInteger(direction) || direction < 0 || direction >= DMA_NONE) kernel_bug(where);
}

/**
 * Hands `size` bytes at `p` to the device. Returns their bus address, or what dma_mapping_error() is there to tell:
 * the device cannot reach them, or they are no memory of kmalloc() or of the page allocator. Context: any.
 */
export function dma_map_single(dev: device, p: Ptr, size: number, direction: number): number {
  point();
  check_direction(direction, 'kernel/dma/mapping.c:143');
  const addr = as_address('dma_map_single', p);
  if (is_vmalloc_addr(addr)) {
    report('dma-api', `${dev.driver} ${dev.name}: rejecting DMA map of vmalloc memory\n${warn('include/linux/dma-mapping.h:321', 'dma_map_single_attrs')}`);
    return DMA_MAPPING_ERROR;
  }
  const phys = offset_of(addr);
  const overlap = dma_entries().find((each) => each.type === 'single' && phys < each.phys + each.size && each.phys < phys + size);
  if (overlap === undefined && !check_access(addr, size, direction !== DMA_TO_DEVICE)) return DMA_MAPPING_ERROR;
  if (phys >= lowmem_bytes) return DMA_MAPPING_ERROR;
  const bus = phys_to_dma(phys);
  if (!dma_capable(dev.dma_mask, bus, size)) {
    const overflow = `DMA addr 0x${bus.toString(16).padStart(8, '0')}+${size} overflow (mask ${dev.dma_mask.toString(16)}, bus limit 0).`;
    report('dma-api', `${dev.driver} ${dev.name}: ${overflow}\n${warn('kernel/dma/direct.h:103', 'dma_direct_map_page')}`);
    return DMA_MAPPING_ERROR;
  }
  const both_read = overlap?.direction === DMA_TO_DEVICE && direction === DMA_TO_DEVICE;
  if (overlap !== undefined && !both_read) err_printk(dev, overlap, 'add_dma_entry', "cacheline tracking EEXIST, overlapping mappings aren't supported");
  give_to_device(add_dma_entry(dev, 'single', bus, phys, size, direction));
  return bus;
}

/** 0 where a mapping succeeded, else -ENOMEM. Every mapping has to be asked about. Context: any. */
export function dma_mapping_error(dev: device, addr: number): number {
  point();
  note_checked(dev, addr);
  return addr === DMA_MAPPING_ERROR ? -ENOMEM : 0;
}

/** Ends a mapping: size and direction are those it was made with. The memory is the CPU's again. Context: any. */
export function dma_unmap_single(dev: device, addr: number, size: number, direction: number): void {
  point();
  check_direction(direction, 'kernel/dma/mapping.c:167');
  if (addr === DMA_MAPPING_ERROR) {
    err_printk(dev, null, 'check_unmap', 'device driver tries to free an invalid DMA memory address');
    return;
  }
  const entry = check_unmap(dev, 'single', addr, size, direction);
  if (entry !== null && entry.type === 'single') take_from_device(entry);
}

/** The memory is the CPU's for now, and shows what the device wrote. Context: any. */
export function dma_sync_single_for_cpu(dev: device, addr: number, size: number, direction: number): void {
  point();
  const entry = check_sync(dev, addr, size, direction, true);
  if (entry !== null && entry.type === 'single') take_from_device(entry);
}

/** The memory is the device's again, and shows what the CPU wrote. Context: any. */
export function dma_sync_single_for_device(dev: device, addr: number, size: number, direction: number): void {
  point();
  const entry = check_sync(dev, addr, size, direction, false);
  if (entry !== null && entry.type === 'single') give_to_device(entry);
}

function give_to_device(entry: DmaEntry): void {
  set_watcher(cpu_touches);
  entry.owner = 'device';
  watch(entry.phys, entry.size);
}

function take_from_device(entry: DmaEntry): void {
  if (entry.owner === 'cpu') return;
  entry.owner = 'cpu';
  if (!unwatch(entry.phys, entry.size)) err_printk(entry.dev, entry, 'check_unmap', 'device driver frees memory that is mapped for the device');
  // Another mapping may want the same memory watched.
  for (const other of dma_entries()) if (other !== entry && other.owner === 'device' && other.type === 'single') watch(other.phys, other.size);
}

/** The CPU accesses watched memory. Linux: debug_dma_assert_idle(), up to 5.10. */
function cpu_touches(offset: number, size: number, write: boolean): void {
  const entry = dma_entries().find((each) => each.owner === 'device' && offset < each.phys + each.size && each.phys < offset + size);
  if (entry === undefined || (!write && entry.direction === DMA_TO_DEVICE)) return;
  err_printk(entry.dev, entry, 'debug_dma_assert_idle', `cpu touching an active dma mapped cacheline [cln=0x${hex8(offset >>> 6)}] [${write ? 'write' : 'read'} of ${size} bytes at 0x${hex8(PAGE_OFFSET + offset)}]`);
}
