/**
 * Page records: what `struct page` and mem_map are to Linux (include/linux/mm_types.h), eight words a frame.
 * A module holds a `struct page *`, which is an address in mem_map.
 */
import { PAGE_OFFSET, PAGE_SHIFT, STRUCT_PAGE_SHIFT, VMEMMAP_START } from '../layout.js';
import type { Page } from '../pointer.js';
import { page_words, PAGE_WORDS_SHIFT } from '../ram.js';

/** Order (low four bits) and PG_ bits of a block's head; 0 inside a free block. */
export const P_STATE = 0;
/** Frame + 1 of the next and previous block on a list; 0 ends it. */
export const P_NEXT = 1;
export const P_PREV = 2;
/** Frame of the head of the allocated block. */
export const P_HEAD = 3;
/** Of every frame of a slab: the cache's number above SLAB_CACHE_SHIFT, the slab's head below. 0: not a slab. */
export const P_SLAB = 4;
export const SLAB_CACHE_SHIFT = 20;
export const SLAB_HEAD_MASK = (1 << SLAB_CACHE_SHIFT) - 1;
/** Of a slab's head: first of its own free list, 0 if empty. */
export const P_FREE = 5;
/** Of a slab's head: objects handed out at least once. They are the first ones. */
export const P_INITED = 6;
/** Of a slab's head: length of its own free list. */
export const P_FREE_COUNT = 7;
/** Of the head of a block that is no slab: references beyond the first. Linux: struct page, _refcount. */
export const P_EXTRA_REFS = 7;

export const ORDER_MASK = 0x0f;
/** Head of a free block on its zone's list. */
export const PG_BUDDY = 0x10;
/** Head of an allocated block. */
export const PG_HEAD = 0x20;
/** A further frame of an allocated block. */
export const PG_TAIL = 0x40;
/** The block was asked for with __GFP_COMP. */
export const PG_COMPOUND = 0x80;
/** kmalloc() of more than a slab object. */
export const PG_LARGE = 0x100;
/** Static data of a module or of the kernel. */
export const PG_STATIC = 0x200;
/** A slab that a CPU allocates from. */
export const PG_FROZEN = 0x400;
/** A slab on its cache's list of partly filled ones. */
export const PG_PARTIAL = 0x800;
/** Part of a vmalloc area. */
export const PG_VMALLOC = 0x1000;
/** A free page on a CPU's own list. */
export const PG_PCP = 0x2000;

export function state_of(pfn: number): number {
  return page_words[pfn << PAGE_WORDS_SHIFT]!;
}

/** Number of the slab cache that a frame belongs to; 0, none. */
export function cache_number(pfn: number): number {
  return page_words[(pfn << PAGE_WORDS_SHIFT) + P_SLAB]! >>> SLAB_CACHE_SHIFT;
}

export function pfn_to_page(pfn: number): Page {
  return (VMEMMAP_START + (pfn << STRUCT_PAGE_SHIFT)) as Page;
}

/** Frame of a `struct page *`; nonsense for anything else. */
export function page_to_pfn(page: Page): number {
  return (page - VMEMMAP_START) >> STRUCT_PAGE_SHIFT;
}

export function pfn_to_addr(pfn: number): number {
  return PAGE_OFFSET + (pfn << PAGE_SHIFT);
}

export function addr_to_pfn(addr: number): number {
  return (addr - PAGE_OFFSET) >>> PAGE_SHIFT;
}
