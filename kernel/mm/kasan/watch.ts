/**
 * Memory that is watched: its shadow says that it may be accessed, and that somebody wants to know. An access to it
 * leaves the fast path, where this is asked.
 */
import { shadow } from '../ram.js';

/** The granule may be accessed, and is watched. No partial granule has such a value. */
export const SHADOW_WATCHED = 0x40;

type Watcher = (offset: number, size: number, write: boolean) => void;

/** Told of each access to watched memory; null until something is watched. */
export let watcher: Watcher | null = null;

export function set_watcher(next: Watcher): void {
  watcher = next;
}

/** Granules that lie in [offset, offset + size) as a whole. */
function inside(offset: number, size: number): readonly [first: number, end: number] {
  return [(offset + 7) >>> 3, (offset + size) >>> 3];
}

/** Watches the accessible granules of a range. */
export function watch(offset: number, size: number): void {
  const [first, end] = inside(offset, size);
  for (let granule = first; granule < end; granule++) if (shadow[granule] === 0) shadow[granule] = SHADOW_WATCHED;
}

/** Ends that. Returns false where the memory was freed meanwhile. */
export function unwatch(offset: number, size: number): boolean {
  const [first, end] = inside(offset, size);
  let kept = true;
  for (let granule = first; granule < end; granule++) {
    if (shadow[granule] === SHADOW_WATCHED) shadow[granule] = 0;
    else if (shadow[granule]! < 0) kept = false;
  }
  return kept;
}
