/**
 * The address space of the emulated 32-bit machine (CONFIG_VMSPLIT_1G). Linux: arch/arm/include/asm/memory.h.
 *
 * Lowmem starts at 1 GiB rather than 3 GiB so that every kernel address is a small integer to the JavaScript
 * engine. Below it lie function addresses (where arm has its modules) and, below those, user space.
 */
export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 1 << PAGE_SHIFT;
/** Orders 0 to 10, as in Linux 6.1: the largest block is 4 MiB. */
export const MAX_ORDER = 11;
/** Above this order the allocator does not try hard. Linux: include/linux/mmzone.h. */
export const PAGE_ALLOC_COSTLY_ORDER = 3;

/** Address of page frame 0. Lowmem is mapped one to one from here. */
export const PAGE_OFFSET = 0x40000000;
/** End of user space: a stray address below is named a user-memory-access. */
export const TASK_SIZE = 0x3f000000;
/** Addresses of JavaScript functions that kernel memory points to. */
export const FUNCTIONS_START = 0x3f000000;
/** mem_map: `struct page` of frame n has address VMEMMAP_START + 32 n. It is not memory that can be read. */
export const VMEMMAP_START = 0x7e000000;
export const STRUCT_PAGE_SHIFT = 5;

/** What kmalloc(0) returns: not null, and every access through it is a null dereference. Linux: linux/slab.h. */
export const ZERO_SIZE_PTR = 0x10;

export const ZONE_DMA = 0;
export const ZONE_NORMAL = 1;
export const ZONE_HIGHMEM = 2;
export const ZONE_NAMES = ['DMA', 'Normal', 'HighMem'] as const;

/** The smallest order whose block holds `size` bytes; for 0, a huge one, as in C. Linux: asm-generic/getorder.h. */
export function get_order(size: number): number {
  if (size <= PAGE_SIZE) return size === 0 ? 20 : 0;
  return 32 - Math.clz32((size - 1) >>> PAGE_SHIFT);
}

/** An address as %px prints it on a 32-bit machine. */
export function hex8(addr: number): string {
  return (addr >>> 0).toString(16).padStart(8, '0');
}
