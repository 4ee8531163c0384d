/**
 * Allocation flags. Linux: include/linux/gfp_types.h; the equalities of Love's tables (docs: GFP.md) win where the
 * two differ, so GFP_ATOMIC is __GFP_HIGH alone and GFP_USER is GFP_KERNEL. Bit values are those of Linux 6.1.
 */
import { ZONE_DMA, ZONE_HIGHMEM, ZONE_NORMAL } from './layout.js';

// Zone modifiers.
/** Only from ZONE_DMA. */
export const __GFP_DMA = 0x01;
/** From ZONE_HIGHMEM by preference; for alloc_pages() only, since kmalloc() and __get_free_pages() return addresses. */
export const __GFP_HIGHMEM = 0x02;
/** A 32-bit machine has no ZONE_DMA32: pages come from ZONE_NORMAL. kmalloc() refuses it. */
export const __GFP_DMA32 = 0x04;
/** The page can be moved. No effect here. */
export const __GFP_MOVABLE = 0x08;

// Page mobility and placement hints.
export const __GFP_RECLAIMABLE = 0x10;
export const __GFP_WRITE = 0x1000;
export const __GFP_HARDWALL = 0x100000;
export const __GFP_THISNODE = 0x200000;
export const __GFP_ACCOUNT = 0x400000;

// Action modifiers.
/** May use the emergency reserves. */
export const __GFP_HIGH = 0x20;
/** May start disk I/O. */
export const __GFP_IO = 0x40;
/** May call into a filesystem. */
export const __GFP_FS = 0x80;
/** The memory is zeroed. */
export const __GFP_ZERO = 0x100;
/** 6.1's mark of a caller that cannot reclaim and is of high priority. */
export const __GFP_ATOMIC = 0x200;
/** May reclaim in the caller's own context: may sleep. */
export const __GFP_DIRECT_RECLAIM = 0x400;
/** May wake kswapd. */
export const __GFP_KSWAPD_RECLAIM = 0x800;
export const __GFP_RECLAIM = __GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM;
/** The allocator may sleep. Today's name: __GFP_RECLAIM. */
export const __GFP_WAIT = __GFP_RECLAIM;
/** Prints no failure warning. */
export const __GFP_NOWARN = 0x2000;
/** Tries again after a failure, may still fail. */
export const __GFP_RETRY_MAYFAIL = 0x4000;
/** The book's name of __GFP_RETRY_MAYFAIL. */
export const __GFP_REPEAT = __GFP_RETRY_MAYFAIL;
/** Tries for ever, cannot fail. */
export const __GFP_NOFAIL = 0x8000;
/** Never tries again. */
export const __GFP_NORETRY = 0x10000;
/** May use all memory: for code that frees memory. */
export const __GFP_MEMALLOC = 0x20000;
/** Compound page metadata. */
export const __GFP_COMP = 0x40000;
/** Never touches the emergency reserves; wins over __GFP_MEMALLOC. */
export const __GFP_NOMEMALLOC = 0x80000;
export const __GFP_ZEROTAGS = 0x800000;
export const __GFP_SKIP_ZERO = 0x1000000;
export const __GFP_SKIP_KASAN_UNPOISON = 0x2000000;
export const __GFP_SKIP_KASAN_POISON = 0x4000000;
export const __GFP_NOLOCKDEP = 0x8000000;
/** Prefers cache-cold pages. No effect here. */
export const __GFP_COLD = 0x10000000;
/** For the slab layer itself: the cache may not grow. */
export const __GFP_NO_GROW = 0x20000000;

/** Every bit that has a meaning. */
export const __GFP_BITS_MASK = 0x3fffffff;

// Type flags.
/** Interrupt handlers, softirqs, tasklets, under a spinlock: never sleeps, likelier to fail. */
export const GFP_ATOMIC = __GFP_HIGH;
/** Block I/O code: may sleep, starts no disk I/O. */
export const GFP_NOIO = __GFP_WAIT;
/** Filesystem code: may sleep and start disk I/O, calls into no filesystem. */
export const GFP_NOFS = __GFP_WAIT | __GFP_IO;
/** Process context that may sleep: the default. */
export const GFP_KERNEL = __GFP_WAIT | __GFP_IO | __GFP_FS;
export const GFP_KERNEL_ACCOUNT = GFP_KERNEL | __GFP_ACCOUNT;
/** Memory for user-space processes. */
export const GFP_USER = __GFP_WAIT | __GFP_IO | __GFP_FS;
/** The same, from high memory. */
export const GFP_HIGHUSER = __GFP_WAIT | __GFP_IO | __GFP_FS | __GFP_HIGHMEM;
export const GFP_HIGHUSER_MOVABLE = GFP_HIGHUSER | __GFP_MOVABLE;
/** DMA-able memory; combined with one of the above (alone it does not sleep). */
export const GFP_DMA = __GFP_DMA;
export const GFP_DMA32 = __GFP_DMA32;
/** Does not sleep, does not use the reserves; wakes kswapd. */
export const GFP_NOWAIT = __GFP_KSWAPD_RECLAIM;

/** Flags that no slab may be asked for. Linux: mm/internal.h. */
export const GFP_SLAB_BUG_MASK = __GFP_DMA32 | __GFP_HIGHMEM | ~__GFP_BITS_MASK;

/** Whether an allocation with these flags may sleep. Context: any. */
export function gfpflags_allow_blocking(gfp: number): boolean {
  return (gfp & __GFP_DIRECT_RECLAIM) !== 0;
}

/** The highest zone that an allocation with these flags may come from: an index into Mm.zones. Context: any. */
export function gfp_zone(gfp: number): number {
  if ((gfp & __GFP_DMA) !== 0) return ZONE_DMA;
  return (gfp & __GFP_HIGHMEM) !== 0 ? ZONE_HIGHMEM : ZONE_NORMAL;
}
