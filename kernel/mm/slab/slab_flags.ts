/** Flags of kmem_cache_create(). Linux: include/linux/slab.h, with the bit values of 6.1. */

/** Checks each free with care: a wrong cache is always noticed here, so it adds nothing. */
export const SLAB_CONSISTENCY_CHECKS = 0x00000100;
/** Bytes around an object are filled with a pattern that is checked. */
export const SLAB_RED_ZONE = 0x00000400;
/** Free objects are filled with a pattern that is checked. */
export const SLAB_POISON = 0x00000800;
/** Objects begin at cache lines, or at fractions of one where they are small. */
export const SLAB_HWCACHE_ALIGN = 0x00002000;
/** From ZONE_DMA. */
export const SLAB_CACHE_DMA = 0x00004000;
/** Who allocated and who freed is always remembered here, so it adds nothing. */
export const SLAB_STORE_USER = 0x00010000;
/** Objects can be reclaimed. No effect here. */
export const SLAB_RECLAIM_ACCOUNT = 0x00020000;
export const SLAB_TEMPORARY = SLAB_RECLAIM_ACCOUNT;
/** A cache that cannot be created is a panic. */
export const SLAB_PANIC = 0x00040000;
/** Spreads memory over nodes. No effect here. */
export const SLAB_MEM_SPREAD = 0x00100000;
/** Traces allocations and frees. No effect here. */
export const SLAB_TRACE = 0x00200000;
/** kmemleak does not look. No effect here. */
export const SLAB_NOLEAKTRACE = 0x00800000;
/** Charged to a memory cgroup. No effect here. */
export const SLAB_ACCOUNT = 0x04000000;

/** What kmem_cache_create() takes. */
export const SLAB_FLAGS_PERMITTED =
  SLAB_CONSISTENCY_CHECKS |
  SLAB_RED_ZONE |
  SLAB_POISON |
  SLAB_HWCACHE_ALIGN |
  SLAB_CACHE_DMA |
  SLAB_STORE_USER |
  SLAB_RECLAIM_ACCOUNT |
  SLAB_PANIC |
  SLAB_MEM_SPREAD |
  SLAB_TRACE |
  SLAB_NOLEAKTRACE |
  SLAB_ACCOUNT;
