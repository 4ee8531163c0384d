/**
 * The quarantine: a freed slab object waits before it can be handed out again, so that a use after free meets memory
 * that is still nobody's. Linux: mm/kasan/quarantine.c.
 *
 * Each CPU has a queue, first in, first out, linked through the objects' records, and a limit of bytes; an object
 * that goes in past the limit pushes the oldest out. Together the queues hold 1/32 of RAM at most.
 */
import { this_cpu } from '../../arch/cpu.js';
import { PAGE_OFFSET, PAGE_SHIFT } from '../layout.js';
import { mm, type Mm } from '../mm.js';
import { P_SLAB, SLAB_CACHE_SHIFT } from '../pages/page.js';
import { cache_words, CACHE_WORDS_SHIFT, meta, META_SHIFT, page_words, PAGE_WORDS_SHIFT, QUARANTINE, QUARANTINE_CPU, SLOT_SHIFT } from '../ram.js';
import { LINK } from './record.js';

/** As QUARANTINE_FRACTION. */
const FRACTION = 32;

// A queue's words. As in kmalloc.ts, constants of this file are folded.
const [FIRST, LAST, BYTES] = [0, 1, 2];
const WORDS_SHIFT = 2;
const [QUEUES, LIMIT, NEXT, RAM_START] = [QUARANTINE_CPU, QUARANTINE, LINK, PAGE_OFFSET];
const FRAME_SHIFT = PAGE_SHIFT;
const PAGE_RECORD_SHIFT = PAGE_WORDS_SHIFT;
const GRAIN_SHIFT = SLOT_SHIFT;
const RECORD_SHIFT = META_SHIFT;
const GROUP_SHIFT = CACHE_WORDS_SHIFT;
const NUMBER_SHIFT = SLAB_CACHE_SHIFT;
const SLAB_WORD = P_SLAB;
/** Words of a cache, as slab_cache.ts has them: it imports this file. */
const [FREE_OF_CPU, SLAB_OF_CPU, SIZE_WORD] = [0, 1, 16];
/** So much leaves at a time: no more than a slab or two, lest slabs come and go. */
const BATCH_BYTES = 1024;

/** From now on freed objects wait. */
export function enable_quarantine(memory: Mm): void {
  memory.ram.cache_words[LIMIT] = Math.max(BATCH_BYTES, Math.floor((memory.ram.pages << PAGE_SHIFT) / FRACTION / memory.cpus));
}

/** Takes an object, poisoned already; `record` is that of its first bytes. Linux: kasan_quarantine_put(). */
export function quarantine_put(addr: number, record: number, object_size: number): void {
  const words = cache_words;
  const records = meta;
  const queue = QUEUES + (this_cpu.id << WORDS_SHIFT);
  const last = words[queue + LAST]!;
  if (last === 0) words[queue + FIRST] = addr;
  else records[(((last - RAM_START) >>> GRAIN_SHIFT) << RECORD_SHIFT) + NEXT] = addr;
  records[record + NEXT] = 0;
  words[queue + LAST] = addr;
  // With its redzone an object takes about twice its size.
  const bytes = words[queue + BYTES]! + 2 * object_size;
  words[queue + BYTES] = bytes;
  if (bytes > words[LIMIT]!) reduce(queue, words[LIMIT]! - BATCH_BYTES);
}

/** Gives the oldest objects back to their caches until no more than `limit` bytes wait. */
function reduce(queue: number, limit: number): void {
  const words = cache_words;
  const records = meta;
  const pages = page_words;
  const of_cpu = this_cpu.id << 1;
  let addr = words[queue + FIRST]!;
  let bytes = words[queue + BYTES]!;
  while (bytes > limit) {
    const offset = addr - RAM_START;
    const slab = pages[((offset >>> FRAME_SHIFT) << PAGE_RECORD_SHIFT) + SLAB_WORD]!;
    const group = (slab >>> NUMBER_SHIFT) << GROUP_SHIFT;
    const link = ((offset >>> GRAIN_SHIFT) << RECORD_SHIFT) + NEXT;
    const next = records[link]!;
    bytes -= 2 * words[group + SIZE_WORD]!;
    // The oldest objects are mostly of the slab that this CPU allocates from: the first step of KmemCache.give().
    if (words[group + of_cpu + SLAB_OF_CPU] === slab) {
      records[link] = words[group + of_cpu + FREE_OF_CPU]!;
      words[group + of_cpu + FREE_OF_CPU] = addr;
    } else {
      mm.caches[slab >>> NUMBER_SHIFT]!.give(addr, slab);
    }
    addr = next;
  }
  words[queue + FIRST] = addr;
  words[queue + BYTES] = bytes;
  if (addr === 0) words[queue + LAST] = 0;
}

/** Gives everything back: memory is short, or a cache goes. Linux: kasan_quarantine_remove_cache(). Context: any. */
export function drain_quarantine(): void {
  if (cache_words[LIMIT] === 0) return;
  for (let cpu = 0; cpu < mm.cpus; cpu++) reduce(QUEUES + (cpu << WORDS_SHIFT), 0);
}

/** Bytes that wait, over all CPUs. */
export function quarantine_bytes(): number {
  let bytes = 0;
  for (let cpu = 0; cpu < mm.cpus; cpu++) bytes += cache_words[QUEUES + (cpu << WORDS_SHIFT) + BYTES]!;
  return bytes;
}
