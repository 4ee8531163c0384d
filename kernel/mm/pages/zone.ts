/**
 * A zone and its buddy allocator. Linux: mm/page_alloc.c, __rmqueue_smallest() and __free_one_page();
 * include/linux/mmzone.h, struct zone.
 *
 * Free blocks hang on one list per order, last freed first. Nothing is built at boot but the largest blocks: a
 * split writes the records it needs, so an untouched zone costs nothing.
 */
import { MAX_ORDER } from '../layout.js';
import { P_HEAD, P_NEXT, P_PREV, P_STATE, PG_BUDDY, PG_HEAD, PG_TAIL } from './page.js';
import { PerCpuPages } from './pcp.js';
import { page_words, PAGE_WORDS_SHIFT, ram } from '../ram.js';

const word = (pfn: number, field: number): number => (pfn << PAGE_WORDS_SHIFT) + field;

export class Zone {
  readonly index: number;
  readonly name: string;
  /** First frame, and the one behind the last. */
  readonly start: number;
  readonly end: number;
  /** Pages on the free lists; those on the lists of the CPUs are not among them. Linux: NR_FREE_PAGES. */
  nr_free = 0;
  /** Watermarks in pages. Linux: WMARK_MIN, WMARK_LOW, WMARK_HIGH. */
  min = 0;
  low = 0;
  high = 0;
  /** Pages kept for others from allocations that could have come from zone i. */
  readonly lowmem_reserve: number[] = [0, 0, 0];
  readonly pcp: PerCpuPages;
  /** Frame + 1 of each order's first free block; 0, none. */
  private readonly first: number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  /** One bit an order that has a free block. */
  private nonempty = 0;
  /** Something of it may not be as build() left it. */
  touched = true;
  /** First frame and order of the blocks that it is laid out in, the last block first. */
  private readonly blocks: number[] = [];

  constructor(index: number, name: string, start: number, pages: number, cpus: number) {
    this.index = index;
    this.name = name;
    this.start = start;
    this.end = start + pages;
    this.pcp = new PerCpuPages(this, cpus);
    for (let pfn = start; pfn < this.end; ) {
      let order = MAX_ORDER - 1;
      while ((pfn & ((1 << order) - 1)) !== 0 || pfn + (1 << order) > this.end) order--;
      this.blocks.unshift(pfn, order);
      pfn += 1 << order;
    }
  }

  get pages(): number {
    return this.end - this.start;
  }

  /** Pages that nobody has, those on the lists of the CPUs included. */
  get free_pages(): number {
    return this.nr_free + this.pcp.total();
  }

  /**
   * Puts the whole zone on the free lists, in the largest aligned blocks; the lowest comes first. Their records do not
   * count as touched: every machine begins with them.
   */
  build(records: Int32Array): void {
    this.pcp.reclaim_active = false;
    if (!this.touched) return;
    this.touched = false;
    const { first, blocks } = this;
    for (let order = 0; order < first.length; order++) first[order] = 0;
    this.nonempty = 0;
    for (let i = 0; i < blocks.length; i += 2) this.link_block(records, blocks[i]!, blocks[i + 1]!);
    this.nr_free = this.pages;
    this.pcp.build();
  }

  /** First frame of a block of 2^order frames, or -1. The records of all its frames say that it is allocated. */
  take(order: number): number {
    const fits = this.nonempty >>> order;
    if (fits === 0) return -1;
    let current = order + 31 - Math.clz32(fits & -fits);
    const pfn = this.first[current]! - 1;
    this.touched = true;
    ram.touch_record(pfn);
    this.remove_block(pfn, current);
    while (current > order) {
      current--;
      this.add_block(pfn + (1 << current), current);
    }
    this.nr_free -= 1 << order;
    page_words[word(pfn, P_STATE)] = PG_HEAD | order;
    page_words[word(pfn, P_HEAD)] = pfn;
    for (let i = 1; i < 1 << order; i++) {
      ram.touch_record(pfn + i);
      page_words[word(pfn + i, P_STATE)] = PG_TAIL;
      page_words[word(pfn + i, P_HEAD)] = pfn;
    }
    return pfn;
  }

  /** Takes back a block and joins it with its free buddies. */
  give(pfn: number, order: number): void {
    this.nr_free += 1 << order;
    page_words.fill(0, word(pfn, 0), word(pfn + (1 << order), 0));
    let head = pfn;
    let size = order;
    while (size < MAX_ORDER - 1) {
      const buddy = head ^ (1 << size);
      if (buddy < this.start || buddy + (1 << size) > this.end) break;
      if (page_words[word(buddy, P_STATE)] !== (PG_BUDDY | size)) break;
      this.remove_block(buddy, size);
      page_words[word(buddy, P_STATE)] = 0;
      head &= buddy;
      size++;
    }
    this.add_block(head, size);
  }

  /** Free blocks of each order. */
  free_blocks(): number[] {
    return this.first.map((first) => {
      let blocks = 0;
      for (let at = first; at !== 0; at = page_words[word(at - 1, P_NEXT)]!) blocks++;
      return blocks;
    });
  }

  private add_block(pfn: number, order: number): void {
    ram.touch_record(pfn);
    this.link_block(page_words, pfn, order);
  }

  private link_block(records: Int32Array, pfn: number, order: number): void {
    const next = this.first[order]!;
    records[word(pfn, P_STATE)] = PG_BUDDY | order;
    records[word(pfn, P_NEXT)] = next;
    records[word(pfn, P_PREV)] = 0;
    if (next !== 0) records[word(next - 1, P_PREV)] = pfn + 1;
    this.first[order] = pfn + 1;
    this.nonempty |= 1 << order;
  }

  private remove_block(pfn: number, order: number): void {
    const next = page_words[word(pfn, P_NEXT)]!;
    const prev = page_words[word(pfn, P_PREV)]!;
    if (next !== 0) page_words[word(next - 1, P_PREV)] = prev;
    if (prev !== 0) page_words[word(prev - 1, P_NEXT)] = next;
    else {
      this.first[order] = next;
      if (next === 0) this.nonempty &= ~(1 << order);
    }
  }
}
