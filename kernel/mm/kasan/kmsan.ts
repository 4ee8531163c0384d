/**
 * Uninitialised reads. Linux: mm/kmsan/, of which this keeps the shadow: one bit a byte says whether it was written.
 *
 * While KMSAN is on, a granule that may be accessed but is not all written has the KASAN shadow value 8: the checked
 * accesses, whose fast path wants 0, take the long way and ask here. While it is off nothing has that value, and
 * nothing costs anything. Unlike the real one, which follows values through registers, this reports the load.
 */
import { pc, SITE } from '../../arch/callstack.js';
import { site_of } from '../../arch/site.js';
import { kernel } from '../../current.js';
import { print_stack, report } from '../../debug/report.js';
import { hex8, PAGE_OFFSET } from '../layout.js';
import type { Mm } from '../mm.js';
import { find_object } from '../slab/object.js';
import { initialised, shadow } from '../ram.js';
import { alloc_track, here, type Track } from './record.js';

/** KASAN shadow of 8 bytes that may be accessed and are not all written. */
export const KMSAN_UNINIT = 8;
const ALL = 0xff;

/** Where uninitialised bytes came from: by granule, what was copied there. */
interface Origin {
  readonly created: Track;
  readonly stored: Track;
}
const origins = new WeakMap<Uint8Array, Map<number, Origin>>();

/** Watches a machine's memory from now on. */
export function enable_kmsan(memory: Mm): void {
  memory.watch_initialised(new Uint8Array(memory.ram.shadow.length).fill(ALL));
}

/** Bits of a granule for the bytes of [offset, end) that lie in it. */
function bits_of(granule: number, offset: number, end: number): number {
  const from = Math.max(0, offset - granule * 8);
  const to = Math.min(8, end - granule * 8);
  return ((1 << to) - 1) & ~((1 << from) - 1);
}

/** Memory is handed out: all zeros, or whatever it held. Linux: kmsan_slab_alloc(), kmsan_alloc_page(). */
export function kmsan_alloc(offset: number, size: number, zeroed: boolean): void {
  const bits = initialised!;
  const start = offset >>> 3;
  const end = (offset + size + 7) >>> 3;
  bits.fill(zeroed ? ALL : 0, start, end);
  // KASAN has just made all of it accessible; the last granule, where that is so in part, asks in any case.
  shadow.fill(zeroed ? 0 : KMSAN_UNINIT, start, (offset + size) >>> 3);
  const copied = origins.get(bits);
  if (copied !== undefined) for (let granule = start; granule < end; granule++) copied.delete(granule);
}

/** The KASAN shadow of a range was written anew: what is not all written is to be asked about again. */
export function kmsan_refresh(offset: number, size: number): void {
  const bits = initialised!;
  const end = (offset + size + 7) >>> 3;
  for (let granule = offset >>> 3; granule < end; granule++) {
    const value = shadow[granule]!;
    if (value === 0 && bits[granule] !== ALL) shadow[granule] = KMSAN_UNINIT;
    else if (value === KMSAN_UNINIT && bits[granule] === ALL) shadow[granule] = 0;
  }
}

/** Bytes are written. Linux: kmsan_unpoison_memory(). */
export function kmsan_write(offset: number, size: number): void {
  const bits = initialised!;
  const end = offset + size;
  if ((offset & 7) + size <= 8) {
    const granule = offset >>> 3;
    const now = (bits[granule]! |= ((1 << size) - 1) << (offset & 7));
    if (now === ALL && shadow[granule] === KMSAN_UNINIT) shadow[granule] = 0;
    return;
  }
  for (let granule = offset >>> 3; granule << 3 < end; granule++) bits[granule]! |= bits_of(granule, offset, end);
  kmsan_refresh(offset, size);
}

/** Copies what is known of `size` bytes; copying what is not initialised is no fault. Linux: kmsan_internal_memmove_metadata(). */
export function kmsan_copy(to: number, from: number, size: number): void {
  const bits = initialised!;
  const known = Array.from({ length: size }, (_, i) => (bits[(from + i) >>> 3]! >>> ((from + i) & 7)) & 1);
  const created = known.includes(0) ? origin_of(from + known.indexOf(0)) : null;
  known.forEach((bit, i) => {
    const granule = (to + i) >>> 3;
    const mask = 1 << ((to + i) & 7);
    if (bit !== 0) bits[granule]! |= mask;
    else {
      bits[granule]! &= ~mask;
      remember(bits, granule, { created: created!.created, stored: here() });
    }
  });
  kmsan_refresh(to, size);
}

function remember(bits: Uint8Array, granule: number, origin: Origin): void {
  const map = origins.get(bits) ?? new Map<number, Origin>();
  origins.set(bits, map);
  map.set(granule, origin);
}

function origin_of(offset: number): { created: Track; stored: Track | null } {
  const copied = origins.get(initialised!)?.get(offset >>> 3);
  if (copied !== undefined) return copied;
  const object = find_object(offset);
  return { created: object === null ? { frame: 0, site: 0, pid: 0 } : alloc_track(object.record), stored: null };
}

/** Bytes are read, which KASAN has allowed. Reports those that nobody wrote, once. Linux: kmsan_check_memory(). */
export function kmsan_read(offset: number, size: number): void {
  const bits = initialised!;
  const wanted = ((1 << size) - 1) << (offset & 7);
  if ((offset & 7) + size <= 8 && (bits[offset >>> 3]! & wanted) === wanted) return;
  let first = -1;
  let last = -1;
  for (let i = 0; i < size; i++) {
    if ((bits[(offset + i) >>> 3]! & (1 << ((offset + i) & 7))) !== 0) continue;
    if (first < 0) first = i;
    last = i;
  }
  if (first < 0) return;
  const { created, stored } = origin_of(offset + first);
  kmsan_write(offset, size);
  if (kernel.rules.kmsan === 'off') return;
  const { fn, module } = site_of(pc[SITE]!);
  report('kmsan', `BUG: KMSAN: uninit-value in ${module === '' ? fn : `${fn} [${module}]`}`, {
    after: (print) => {
      print('');
      if (stored !== null) {
        print('Uninit was stored to memory at:');
        print_stack(print, stored.frame, stored.site);
        print('');
      }
      print('Uninit was created at:');
      print_stack(print, created.frame, created.site);
      print('');
      print(`Bytes ${first}-${last} of ${size} are uninitialized`);
      print(`Memory access of size ${size} starts at ${hex8(PAGE_OFFSET + offset)}`);
    },
  });
}
