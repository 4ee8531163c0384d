/**
 * The shadow call stack: which module function is running, called from where.
 *
 * Every stack that can occur is a node in one calling-context tree, so "the whole stack, now" is two integers
 * (frame and site), and remembering it, in an allocation say, is two stores. A node's key is its parent and the
 * site in the parent that made the call. Nodes are never removed: their number is bounded by the distinct stacks
 * of the loaded code, not by how often they run. The words lie in shared memory so that a supervisor in another
 * thread can name the stack of a module that loops without ever reaching a preemption point.
 */
import { InternalError } from '../debug/internal_error.js';
import { SITE_NONE } from './site.js';

/** Distinct call stacks that an isolate can tell apart; past it, callees are shown in their caller's place. */
const FRAMES_MAX = 1 << 18;
const HASH_MASK = FRAMES_MAX * 2 - 1;

/** The root of the tree: nobody called. */
export const FRAME_NONE = 0;

/** `pc[FRAME]` is the node of the running function's caller chain, `pc[SITE]` the place it has reached. */
export const FRAME = 0;
export const SITE = 1;
const HEADER_WORDS = 2;

const words = new Int32Array(new SharedArrayBuffer((HEADER_WORDS + 2 * FRAMES_MAX) * 4));
const parents = words.subarray(HEADER_WORDS, HEADER_WORDS + FRAMES_MAX);
const call_sites = words.subarray(HEADER_WORDS + FRAMES_MAX);
const hash = new Int32Array(HASH_MASK + 1);
let frames = 1;

/** Where the running code stands: saved and restored at a task switch, by index FRAME and SITE. */
export const pc: Int32Array = words.subarray(0, HEADER_WORDS);

function slot_of(frame: number, site: number): number {
  return (Math.imul(frame, 0x9e3779b1) ^ Math.imul(site, 0x85ebca6b)) >>> 13 & HASH_MASK;
}

function child_slow(frame: number, site: number, slot: number): number {
  let at = slot;
  for (;;) {
    const node = hash[at]!;
    if (node === 0) break;
    if (parents[node] === frame && call_sites[node] === site) return node;
    at = (at + 1) & HASH_MASK;
  }
  if (frames === FRAMES_MAX) return frame;
  const node = frames++;
  parents[node] = frame;
  call_sites[node] = site;
  hash[at] = node;
  return node;
}

/** A function is entered: its caller's place becomes a frame. `site` is the function's first place. */
export function enter(site: number): void {
  const frame = pc[FRAME]!;
  const caller = pc[SITE]!;
  const slot = slot_of(frame, caller);
  const node = hash[slot]!;
  pc[FRAME] = parents[node] === frame && call_sites[node] === caller && node !== 0 ? node : child_slow(frame, caller, slot);
  pc[SITE] = site;
}

/** The function entered last is left, by return or by exception. */
export function leave(): void {
  const frame = pc[FRAME]!;
  pc[SITE] = call_sites[frame]!;
  pc[FRAME] = parents[frame]!;
}

/** What the frame's function was called from: a place, and the frame of that. */
export function caller_site(frame: number): number {
  return call_sites[frame]!;
}

export function caller_frame(frame: number): number {
  return parents[frame]!;
}

/** The places of a stack, innermost first; the host's own (site 0) are left out. */
export function unwind(frame: number, site: number): number[] {
  return unwind_words(words, frame, site);
}

/** The first of the places of a stack; SITE_NONE where there are none. */
export function innermost(frame: number, site: number): number {
  let place = site;
  for (let node = frame; place === SITE_NONE && node !== FRAME_NONE; node = parents[node]!) place = call_sites[node]!;
  return place;
}

/** As {@link unwind}, from the shared words of another thread. */
export function unwind_words(shared: Int32Array, frame: number, site: number): number[] {
  const places: number[] = [];
  for (let node = frame, place = site; ; ) {
    if (place !== SITE_NONE) places.push(place);
    if (node === FRAME_NONE) return places;
    const parent = shared[HEADER_WORDS + node];
    // A node is younger than its parent: whatever the words hold, the walk ends.
    if (!(node > 0 && node < FRAMES_MAX && parent! >= 0 && parent! < node)) throw new InternalError(`${node} is no frame of a call stack`);
    place = shared[HEADER_WORDS + FRAMES_MAX + node]!;
    node = parent!;
  }
}

/** The words as another thread may read them. */
export function shared_callstack(): SharedArrayBuffer {
  return words.buffer;
}

/** The JavaScript error that is on its way up, and where it was thrown. */
let thrown: unknown;
let thrown_frame = FRAME_NONE;
let thrown_site = SITE_NONE;

/** An error passes through a function of a module: the innermost one, which is the first, is remembered. */
export function note_throw(error: unknown): unknown {
  if (thrown !== error) {
    thrown = error;
    thrown_frame = pc[FRAME]!;
    thrown_site = pc[SITE]!;
  }
  return error;
}

/** Where `error` was thrown, or null where it did not come out of module code. The memory of it ends here. */
export function take_throw(error: unknown): { frame: number; site: number } | null {
  if (thrown !== error) return null;
  thrown = undefined;
  return { frame: thrown_frame, site: thrown_site };
}
