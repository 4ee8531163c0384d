/**
 * Coverage: the edges of the modules' code, which are pairs of places that one task, or one interrupt on top of it,
 * came to one after the other, and roughly how often. All of it lies in flat arrays.
 *
 * A table has each edge once, by its two places, so no two are taken for one. Places are numbered as they come, and
 * not as the loader numbers them: the same run then has the same edges in another process.
 */
import { pc, SITE } from '../../kernel/arch/callstack.js';
import { this_cpu } from '../../kernel/arch/cpu.js';
import { SITE_NONE, site_count, site_of } from '../../kernel/arch/site.js';
import { HARDIRQ_MASK, SOFTIRQ_MASK } from '../../kernel/include/linux/preempt.js';
import type { Constants } from './constants.js';

const PLACES_BITS = 16;
const PLACES_MAX = (1 << PLACES_BITS) - 1;
const FOREIGN = -1;
/** Of an edge that is told to others: the number of sites there can be. */
const SITES_MAX = 2 ** 26;

/** Tasks that can be told apart, and levels of each: its own code, softirq, hardirq. */
const TASKS = 256;
const LEVELS = 3;
/** Idle tasks share a PID. */
const CPUS = 16;

/** Of 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, 128 and more: the bit of a count, as AFL has them. */
function bucketOf(count: number): number {
  if (count <= 3) return 1 << (count - 1);
  if (count <= 7) return 8;
  if (count <= 15) return 16;
  if (count <= 31) return 32;
  return count <= 127 ? 64 : 128;
}

export class Coverage {
  private readonly modules: ReadonlySet<string>;
  private readonly constants: Constants;
  /** By site: the place's number, FOREIGN for other code, 0 where it is not known yet. */
  private places = new Int32Array(1024);
  private place_count = 0;
  /** By place: its site. What comes first in a task comes from none. */
  private readonly sites: number[] = [SITE_NONE];
  /** By task and level: the place that it came to last. */
  private readonly last = new Int32Array((TASKS + CPUS) * LEVELS);

  /** Open addressing: the edge, as its two places in one number, and its index plus one. */
  private keys = new Int32Array(1024);
  private indices = new Int32Array(1024);
  /** By index: the edge, buckets of counts that have been seen, and the count in this run. */
  private readonly edge_of: number[] = [];
  private seen = new Uint8Array(512);
  private counts = new Int32Array(512);
  /** Edges that this run came to, the first `touched_count` of them. */
  private touched = new Int32Array(512);
  private touched_count = 0;
  private known = 0;
  /** Edges that a run which counts came to. */
  edges = 0;
  /** Those of them that have not been told. */
  private news: number[] = [];

  /** What stands in the lines that are come to goes to `constants`. */
  constructor(modules: readonly string[], constants: Constants) {
    this.modules = new Set(modules);
    this.constants = constants;
  }

  /** A run begins. */
  start(): void {
    for (let i = 0; i < this.touched_count; i++) this.counts[this.touched[i]!] = 0;
    this.touched_count = 0;
    this.last.fill(0);
  }

  /** The running code has come to a point. */
  visit(): void {
    const site = pc[SITE]!;
    let place = site < this.places.length ? this.places[site]! : 0;
    if (place === 0) place = this.number(site);
    if (place === FOREIGN) return;
    const cpu = this_cpu;
    const { pid } = cpu.current;
    const level = (cpu.preempt_count & HARDIRQ_MASK) !== 0 ? 2 : (cpu.preempt_count & SOFTIRQ_MASK) !== 0 ? 1 : 0;
    const at = (pid === 0 ? TASKS + cpu.id : pid % TASKS) * LEVELS + level;
    const from = this.last[at]!;
    // Several points of one statement.
    if (from === place) return;
    this.last[at] = place;
    this.count((from << PLACES_BITS) | place);
  }

  private number(site: number): number {
    if (site >= this.places.length) {
      const places = new Int32Array(Math.max(2 * this.places.length, site_count() + 1));
      places.set(this.places);
      this.places = places;
    }
    const ours = this.modules.has(site_of(site).module) && this.place_count < PLACES_MAX;
    if (ours) {
      this.constants.read(site);
      this.sites.push(site);
    }
    return (this.places[site] = ours ? ++this.place_count : FOREIGN);
  }

  private count(edge: number): void {
    const mask = this.keys.length - 1;
    let at = this.slot(edge, mask);
    let index = this.indices[at]! - 1;
    if (index < 0) {
      if (this.known * 2 >= this.keys.length) {
        this.grow();
        at = this.slot(edge, this.keys.length - 1);
      }
      index = this.known++;
      this.keys[at] = edge;
      this.indices[at] = index + 1;
      this.edge_of.push(edge);
    }
    if (this.counts[index]!++ === 0) this.touched[this.touched_count++] = index;
  }

  /** Where the edge is, or would be. */
  private slot(edge: number, mask: number): number {
    let at = (Math.imul(edge, 0x9e3779b1) >>> 12) & mask;
    while (this.indices[at] !== 0 && this.keys[at] !== edge) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const { keys, indices } = this;
    this.keys = new Int32Array(2 * keys.length);
    this.indices = new Int32Array(2 * keys.length);
    for (let i = 0; i < keys.length; i++) {
      if (indices[i] === 0) continue;
      const at = this.slot(keys[i]!, this.keys.length - 1);
      this.keys[at] = keys[i]!;
      this.indices[at] = indices[i]!;
    }
    const grown = <T extends Uint8Array | Int32Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.seen = grown(new Uint8Array(keys.length), this.seen);
    this.counts = grown(new Int32Array(keys.length), this.counts);
    this.touched = grown(new Int32Array(keys.length), this.touched);
  }

  /** The run counts. Returns how much of it is new: edges, and edges that it came to more often, or less, than any before. */
  keep(): { readonly edges: number; readonly counts: number } {
    const before = this.edges;
    let fresh = 0;
    for (let i = 0; i < this.touched_count; i++) {
      const index = this.touched[i]!;
      const bucket = bucketOf(this.counts[index]!);
      if ((this.seen[index]! & bucket) !== 0) continue;
      if (this.seen[index] === 0) this.discover(index);
      this.seen[index] = this.seen[index]! | bucket;
      fresh++;
    }
    const edges = this.edges - before;
    return { edges, counts: fresh - edges };
  }

  private discover(index: number): void {
    this.edges++;
    const edge = this.edge_of[index]!;
    this.news.push(this.sites[edge >>> PLACES_BITS]! * SITES_MAX + this.sites[edge & PLACES_MAX]!);
  }

  /** Edges that have come since it was asked last, by their sites: fuzzers that have loaded the same files, in the same order, name them alike. */
  takeNews(): readonly number[] {
    const { news } = this;
    this.news = [];
    return news;
  }
}
