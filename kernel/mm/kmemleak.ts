/**
 * Memory leaks: objects of a module that has gone, to which nothing points. Linux: mm/kmemleak.c.
 *
 * A scan asks of each such object whether any word of static data, of an object of somebody else, or of an object
 * found so, holds an address inside of it. While a module is there its variables may hold anything, and they are not
 * in memory: so its objects are not asked about, and what only a variable of another module holds seems lost; that
 * module says kmemleak_not_leak(). As in Linux bare pages are not tracked and per-CPU memory is never a leak, but what
 * they hold is looked at.
 */
import { point } from '../arch/point.js';
import { kernel } from '../current.js';
import { print_stack, report, type Print } from '../debug/report.js';
import { HZ, jiffies } from '../include/linux/jiffies.js';
import { hex_dump_to_buffer } from '../lib/hexdump.js';
import { enqueue_callback, rcu_has_callbacks } from '../rcu/tree.js';
import { LOGLEVEL_INFO } from '../printk/levels.js';
import { hex8, PAGE_OFFSET } from './layout.js';
import { mm } from './mm.js';
import { PERCPU_START } from './percpu/percpu_space.js';
import { for_each_object, object_at, type LiveObject } from './slab/object.js';
import { u32, u8 } from './ram.js';
import { owner_of } from './kasan/record.js';

/** As HEX_MAX_LINES, in bytes. */
const HEX_BYTES_MAX = 32;

export class Kmemleak {
  /** Objects, by their number of allocation, that were reported, that are no leaks, that hold no pointers. */
  private readonly reported = new Set<number>();
  private readonly not_leaks = new Set<number>();
  private readonly no_scan = new Set<number>();

  /** Looks for leaks and reports those not reported yet. Returns how many. Linux: `echo scan`. Context: any. */
  scan(): number {
    const leaks = this.unreferenced().filter(({ seq }) => !this.reported.has(seq));
    for (const leak of leaks) {
      this.reported.add(leak.seq);
      const [first, second, ...rest] = describe(leak);
      report('kmemleak', `kmemleak: ${first!}\nkmemleak: ${second!}`, (print) => {
        for (const line of rest) print(`kmemleak: ${line}`);
        backtrace(print, leak, 'kmemleak: ');
      }, leak);
    }
    if (leaks.length > 0) {
      kernel.printk.emit(LOGLEVEL_INFO, `kmemleak: ${leaks.length} new suspected memory leaks (see /sys/kernel/debug/kmemleak)`);
    }
    return leaks.length;
  }

  /** The text of /sys/kernel/debug/kmemleak: all leaks found so far that are still there. */
  show(): string {
    const lines: string[] = [];
    const print = (line: string): void => { lines.push(line); };
    for (const leak of this.unreferenced()) {
      if (!this.reported.has(leak.seq)) continue;
      for (const line of describe(leak)) print(line);
      backtrace(print, leak, '');
    }
    return lines.map((line) => `${line}\n`).join('');
  }

  is_leak(seq: number): boolean {
    return !this.not_leaks.has(seq);
  }

  note(p: number, what: 'not_leaks' | 'no_scan'): void {
    const object = object_at(p);
    if (object !== null) this[what].add(object.seq);
  }

  /** Suspects that no word of memory leads to. */
  private unreferenced(): LiveObject[] {
    const white = suspects().filter(({ seq }) => !this.not_leaks.has(seq));
    if (white.length === 0) return white;
    const lost = new Set(white);
    const grey: LiveObject[] = [];
    const follow = (word: number): void => {
      const object = holding(white, word);
      if (object !== null && lost.delete(object)) grey.push(object);
    };
    for (const { index, size } of mm.percpu?.variables ?? []) scan_percpu(index, size, follow);
    for (const { variables } of mm.statics) for (const { offset, size } of variables) scan_block(offset, size, follow);
    for_each_object((object) => {
      if (!this.no_scan.has(object.seq) && (!is_tracked(object) || !is_orphan(object) || this.not_leaks.has(object.seq))) scan_object(object, follow);
    });
    kernel.timers.for_each_pending(({ address }) => { follow(address); });
    for (const desc of kernel.irq.descs) {
      for (const { dev_id } of desc?.actions ?? []) if (typeof dev_id === 'number') follow(dev_id);
    }
    for (let object = grey.pop(); object !== undefined; object = grey.pop()) scan_object(object, follow);
    return white.filter((object) => lost.has(object));
  }
}

/** A module has gone, or was never loaded for good. Context: process. */
export function kmemleak_module_gone(): void {
  if (kernel.rules.kmemleak === 'off' || suspects().length === 0) return;
  const { kmemleak } = kernel;
  // What is to be freed after a grace period is nobody's until then.
  if (rcu_has_callbacks()) enqueue_callback(() => { kmemleak.scan(); });
  else kmemleak.scan();
}

/** Objects of modules that are gone, by ascending address. */
function suspects(): LiveObject[] {
  const found: LiveObject[] = [];
  for_each_object((object) => {
    if (is_tracked(object) && is_orphan(object)) found.push(object);
  });
  return found.sort((a, b) => a.addr - b.addr);
}

/** Linux: kmemleak_alloc_percpu() gives its objects a min_count of 0; pages have none. */
function is_tracked({ cache }: LiveObject): boolean {
  return cache !== 'pages' && cache !== 'percpu';
}

/** Its module is gone, or this is a later loading of it. */
function is_orphan({ frame, site, seq }: LiveObject): boolean {
  const owner = owner_of(frame, site);
  if (owner === '') return false;
  const mod = kernel.modules.find_module(owner);
  return mod === null || seq < mod.first_seq;
}

/** The object, of those sorted by address, that holds an address. */
function holding(objects: readonly LiveObject[], addr: number): LiveObject | null {
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (objects[middle]!.addr <= addr) low = middle + 1;
    else high = middle;
  }
  const object = objects[low - 1];
  return object !== undefined && addr < object.addr + Math.max(1, object.size) ? object : null;
}

function scan_object({ addr, size, cache }: LiveObject, follow: (word: number) => void): void {
  if (cache === 'percpu') scan_percpu(addr - PERCPU_START, size, follow);
  else scan_block(addr - PAGE_OFFSET, size, follow);
}

/** Of each CPU. */
function scan_percpu(index: number, size: number, follow: (word: number) => void): void {
  for (const offset of mm.percpu!.places(index)) scan_block(offset, size, follow);
}

function scan_block(offset: number, size: number, follow: (word: number) => void): void {
  const end = (offset + size) >>> 2;
  for (let at = (offset + 3) >>> 2; at < end; at++) {
    const word = u32[at]!;
    if (word >= PAGE_OFFSET) follow(word);
  }
}

/** Linux: print_unreferenced(). */
function describe({ addr, size, pid, jiffies: then = jiffies }: LiveObject): string[] {
  const age_ms = Math.floor((((jiffies - then) >>> 0) * 1000) / HZ);
  const lines = [
    `unreferenced object 0x${hex8(addr)} (size ${size}):`,
    `  comm "${kernel.sched.comm_of(pid)}", pid ${pid}, jiffies ${then >>> 0} (age ${Math.floor(age_ms / 1000)}.${String(age_ms % 1000).padStart(3, '0')}s)`,
  ];
  const shown = Math.min(size, HEX_BYTES_MAX);
  lines.push(`  hex dump (first ${shown} bytes):`);
  for (let at = 0; at < shown; at += 16) {
    const offset = addr - PAGE_OFFSET + at;
    lines.push(`    ${hex_dump_to_buffer(u8.subarray(offset, offset + Math.min(16, shown - at)), 16, 1, true)}`);
  }
  return lines;
}

function backtrace(print: Print, { frame, site }: LiveObject, prefix: string): void {
  print(`${prefix}  backtrace:`);
  print_stack((line) => { print(`${prefix}  ${line}`); }, frame, site);
}

/** Says that an object which nothing points to is no leak: it is referred to in a way that no scan sees. Context: any. */
export function kmemleak_not_leak(p: number): void {
  point();
  kernel.kmemleak.note(p, 'not_leaks');
}

/** As kmemleak_not_leak(), and what the object holds is not looked at. Context: any. */
export function kmemleak_ignore(p: number): void {
  kmemleak_not_leak(p);
  kernel.kmemleak.note(p, 'no_scan');
}

/** What an object holds are no pointers, however much they look like them. Context: any. */
export function kmemleak_no_scan(p: number): void {
  point();
  kernel.kmemleak.note(p, 'no_scan');
}
