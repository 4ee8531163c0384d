/**
 * Free pages that a CPU keeps for itself. Linux: mm/page_alloc.c, rmqueue_pcplist(), free_unref_page_commit(),
 * drain_pages(); include/linux/mmzone.h, struct per_cpu_pages.
 *
 * Single pages only (Linux keeps orders up to 3): last freed, first given. What lies here does not count as free
 * for the watermarks and is not joined with its buddies, so a zone that runs low is drained.
 */
import { P_HEAD, P_NEXT, P_PREV, P_STATE, PG_HEAD, PG_PCP } from './page.js';
import { page_words, PAGE_WORDS_SHIFT, wipe_words } from '../ram.js';
import type { Zone } from './zone.js';

/** Pages that go back at once to a zone that is being reclaimed, in batches. Linux: nr_pcp_high(). */
const BATCHES_KEPT = 4;

/** Linux: zone_batchsize(): a 4096th of the zone, a power of two less one. */
function zone_batchsize(pages: number): number {
  const batch = Math.max(1, Math.min(pages >>> 10, 256) >>> 2);
  return Math.max(1, (1 << (31 - Math.clz32(batch + (batch >>> 1)))) - 1);
}

export class PerCpuPages {
  private readonly zone: Zone;
  /** By CPU: frame + 1 of its first and its last page, 0 for none, and how many there are. */
  private readonly first: number[];
  private readonly last: number[];
  private readonly counts: number[];
  /** Pages moved to and from the zone at a time. */
  readonly batch: number;
  /** A CPU keeps no more than this. */
  high = 0;
  /** Somebody is reclaiming pages of the zone: little is kept. Linux: ZONE_RECLAIM_ACTIVE. */
  reclaim_active = false;

  constructor(zone: Zone, cpus: number) {
    this.zone = zone;
    this.batch = zone_batchsize(zone.pages);
    this.first = new Array<number>(cpus).fill(0);
    this.last = new Array<number>(cpus).fill(0);
    this.counts = new Array<number>(cpus).fill(0);
  }

  /** Once the zone's watermarks are known. Linux: zone_highsize(). */
  set_high(): void {
    this.high = Math.max(Math.floor(this.zone.low / this.counts.length), this.batch * BATCHES_KEPT);
  }

  /** No CPU has any. */
  build(): void {
    const { first, last, counts } = this;
    for (let cpu = 0; cpu < counts.length; cpu++) first[cpu] = last[cpu] = counts[cpu] = 0;
  }

  count(cpu: number): number {
    return this.counts[cpu]!;
  }

  /** Pages on the lists of all CPUs. */
  total(): number {
    let sum = 0;
    for (const count of this.counts) sum += count;
    return sum;
  }

  /** First frame of a page, its record as Zone.take() leaves it, or -1 where the zone has none. */
  take(cpu: number): number {
    if (this.counts[cpu] === 0 && !this.refill(cpu)) return -1;
    const pfn = this.first[cpu]! - 1;
    const next = page_words[(pfn << PAGE_WORDS_SHIFT) + P_NEXT]!;
    this.first[cpu] = next;
    if (next === 0) this.last[cpu] = 0;
    else page_words[((next - 1) << PAGE_WORDS_SHIFT) + P_PREV] = 0;
    this.counts[cpu]!--;
    this.make_head(pfn);
    return pfn;
  }

  /** Keeps a page; where there are too many, a batch of the oldest goes back to the zone. Linux: free_unref_page_commit(). */
  give(cpu: number, pfn: number): void {
    const at = pfn << PAGE_WORDS_SHIFT;
    wipe_words(page_words, at, at + (1 << PAGE_WORDS_SHIFT));
    this.push(cpu, pfn);
    const high = this.reclaim_active ? Math.min(this.batch * BATCHES_KEPT, this.high) : this.high;
    if (this.counts[cpu]! > high) this.drain_oldest(cpu, Math.min(this.counts[cpu]!, this.counts[cpu]! - high + this.batch - 1));
  }

  /** Gives all pages of a CPU back to the zone. Linux: drain_pages_zone(). */
  drain(cpu: number): void {
    this.drain_oldest(cpu, this.counts[cpu]!);
  }

  private push(cpu: number, pfn: number): void {
    const at = pfn << PAGE_WORDS_SHIFT;
    const next = this.first[cpu]!;
    page_words[at + P_STATE] = PG_PCP;
    page_words[at + P_NEXT] = next;
    page_words[at + P_PREV] = 0;
    if (next === 0) this.last[cpu] = pfn + 1;
    else page_words[((next - 1) << PAGE_WORDS_SHIFT) + P_PREV] = pfn + 1;
    this.first[cpu] = pfn + 1;
    this.counts[cpu]!++;
  }

  /** Linux: rmqueue_bulk(). The first page taken from the zone is the first one given. */
  private refill(cpu: number): boolean {
    for (let n = 0; n < this.batch; n++) {
      const pfn = this.zone.take(0);
      if (pfn < 0) break;
      this.append(cpu, pfn);
    }
    return this.counts[cpu] !== 0;
  }

  /** As push(), at the other end. */
  private append(cpu: number, pfn: number): void {
    const at = pfn << PAGE_WORDS_SHIFT;
    const prev = this.last[cpu]!;
    page_words[at + P_STATE] = PG_PCP;
    page_words[at + P_NEXT] = 0;
    page_words[at + P_PREV] = prev;
    if (prev === 0) this.first[cpu] = pfn + 1;
    else page_words[((prev - 1) << PAGE_WORDS_SHIFT) + P_NEXT] = pfn + 1;
    this.last[cpu] = pfn + 1;
    this.counts[cpu]!++;
  }

  /** Linux: free_pcppages_bulk(). */
  private drain_oldest(cpu: number, pages: number): void {
    for (let n = pages; n > 0; n--) {
      const pfn = this.last[cpu]! - 1;
      const prev = page_words[(pfn << PAGE_WORDS_SHIFT) + P_PREV]!;
      this.last[cpu] = prev;
      if (prev === 0) this.first[cpu] = 0;
      else page_words[((prev - 1) << PAGE_WORDS_SHIFT) + P_NEXT] = 0;
      this.counts[cpu]!--;
      this.make_head(pfn);
      this.zone.give(pfn, 0);
    }
  }

  private make_head(pfn: number): void {
    const at = pfn << PAGE_WORDS_SHIFT;
    page_words[at + P_STATE] = PG_HEAD;
    page_words[at + P_HEAD] = pfn;
    page_words[at + P_NEXT] = 0;
    page_words[at + P_PREV] = 0;
  }
}
