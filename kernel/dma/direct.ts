/**
 * Bus addresses. Linux: kernel/dma/direct.c, include/linux/dma-direct.h.
 *
 * RAM lies on the bus so that ZONE_DMA ends at 16 MiB, as on a PC, however small it is: a device of 24 address bits
 * reaches ZONE_DMA and nothing else. So a bus address is not a physical address, and mixing them up is noticed.
 */
import { PAGE_SHIFT } from '../mm/layout.js';
import { mm } from '../mm/mm.js';

const DMA_ZONE_END = 1 << 24;

/** What dma_map_single() returns where it fails. */
export const DMA_MAPPING_ERROR = 0xffffffff;

function bus_offset(): number {
  return Math.max(0, DMA_ZONE_END - (mm.zones[0].pages << PAGE_SHIFT));
}

/** Bus address of a RAM offset. */
export function phys_to_dma(phys: number): number {
  return phys + bus_offset();
}

/** RAM offset of a bus address; out of RAM for what is not RAM's. */
export function dma_to_phys(addr: number): number {
  return addr - bus_offset();
}

/** Whether a device with this mask reaches all of a range. Linux: dma_capable(). */
export function dma_capable(mask: number, addr: number, size: number): boolean {
  return addr + size - 1 <= mask;
}
