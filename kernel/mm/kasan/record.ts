/**
 * Object records: who allocated and who freed what lies at an address, and how much was asked for.
 *
 * A record of eight words stands for each 16 bytes of RAM, so an object's record is found from its address by a
 * shift. A slab object, and the head of a block of pages, uses the record of its first bytes. As KASAN's
 * kasan_alloc_meta and kasan_free_meta (mm/kasan/kasan.h), but outside of the memory that a module can overwrite.
 */
import { FRAME, pc, SITE, unwind } from '../../arch/callstack.js';
import { this_cpu } from '../../arch/cpu.js';
import { jiffies } from '../../include/linux/jiffies.js';
import { site_of } from '../../arch/site.js';
import { PAGE_OFFSET, PAGE_SHIFT } from '../layout.js';
import { cache_words, meta, META_SHIFT, NEXT_SEQ, SLOT_SHIFT, wipe_words } from '../ram.js';

export const ALLOC_FRAME = 0;
export const ALLOC_SITE = 1;
export const ALLOC_PID = 2;
/** Bytes asked for. */
export const SIZE = 3;
export const FREE_FRAME = 4;
/** Of a live object, in the same word: when it was allocated. */
export const ALLOC_JIFFIES = FREE_FRAME;
export const FREE_SITE = 5;
/** Meaningful, with the two before it, only for what is free now. */
export const FREE_PID = 6;
/** Of a live object, its number in order of allocation; of a free slab object, the next on its free list. */
export const SEQ = 7;
export const LINK = SEQ;

/** Index of the record of the object at RAM offset `offset`. */
export function record_of(offset: number): number {
  return (offset >>> SLOT_SHIFT) << META_SHIFT;
}

/** Index of the record of a page frame. */
export function page_record(pfn: number): number {
  return pfn << (PAGE_SHIFT - SLOT_SHIFT + META_SHIFT);
}

/** The running code allocates. */
export function record_alloc(record: number, size: number): void {
  const words = meta;
  const place = pc;
  words[record + ALLOC_FRAME] = place[FRAME]!;
  words[record + ALLOC_SITE] = place[SITE]!;
  words[record + ALLOC_PID] = this_cpu.current.pid;
  words[record + SIZE] = size;
  words[record + ALLOC_JIFFIES] = jiffies;
  words[record + SEQ] = cache_words[NEXT_SEQ]!++;
}

/** The running code frees. */
export function record_free(record: number): void {
  const words = meta;
  const place = pc;
  words[record + FREE_FRAME] = place[FRAME]!;
  words[record + FREE_SITE] = place[SITE]!;
  words[record + FREE_PID] = this_cpu.current.pid;
}

/** What lies here is handed out for the first time: nobody has freed it, and no earlier machine's record is to be seen. */
export function clear_record(record: number): void {
  wipe_words(meta, record, record + (1 << META_SHIFT));
}

/** Who allocated or freed, as stored. */
export interface Track {
  readonly frame: number;
  readonly site: number;
  readonly pid: number;
}

export function alloc_track(record: number): Track {
  return { frame: meta[record + ALLOC_FRAME]!, site: meta[record + ALLOC_SITE]!, pid: meta[record + ALLOC_PID]! };
}

/** Of something that is free now and was not always. */
export function free_track(record: number): Track {
  return { frame: meta[record + FREE_FRAME]!, site: meta[record + FREE_SITE]!, pid: meta[record + FREE_PID]! };
}

/** The running code. */
export function here(): Track {
  return { frame: pc[FRAME]!, site: pc[SITE]!, pid: this_cpu.current.pid };
}

/** The module that a stack's innermost module function belongs to; empty for the host's and the kernel's own. */
export function owner_of(frame: number, site: number): string {
  for (const place of unwind(frame, site)) {
    const { module } = site_of(place);
    if (module !== '') return module;
  }
  return '';
}

/** RAM offset of a lowmem address; out of lowmem it is out of range. */
export function offset_of(addr: number): number {
  return (addr - PAGE_OFFSET) >>> 0;
}
