/**
 * The shadow call stack: which module function is running, called from where.
 *
 * Every stack that can occur is a node in one calling-context tree, so "the whole stack, now" is two integers
 * (frame and site), and remembering it, in an allocation say, is two stores. A node's key is its parent and the
 * site in the parent that made the call. Nodes are never removed: their number is bounded by the distinct stacks
 * of the loaded code, not by how often they run. The words lie in shared memory so that a supervisor in another
 * thread can name the stack of a module that loops without ever reaching a preemption point.
 *
 * The machine's stack ends where a node would lie too deep: such a node is never made, so only calls that no call
 * before them made are asked how deep they are. What interrupts run is on a stack of its own, as on x86-64.
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
/** How many frames lie on the node's machine stack, its own included, and whether that is the interrupts'. */
const depths = new Uint16Array(FRAMES_MAX);
const DEPTH_MASK = 0x7fff;
const ON_IRQ_STACK = 0x8000;
let frames = 1;

/** Bytes of a machine stack, unless told. Follows arch/x86/include/asm/page_64_types.h, THREAD_SIZE. */
export const THREAD_SIZE = 16 << 10;

/**
 * What a frame takes of a machine stack, in bytes: the return address, the frame pointer and six more words, saved
 * registers and variables, which is what a small C function takes on x86-64.
 */
export const FRAME_BYTES = 64;

let depth_max = THREAD_SIZE / FRAME_BYTES;
/** The deepest node that was ever made. */
let deepest = 0;

/** Places of the kernel's at which it changes to the interrupts' stack. */
const irq_entries = new Set<number>();

let on_overflow = (on_irq_stack: boolean): never => {
  throw new RangeError(`no kernel takes the overflow of the ${on_irq_stack ? 'interrupt' : 'task'} stack`);
};

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
  const depth = depth_below(frame, site);
  if ((depth & DEPTH_MASK) > depth_max) on_overflow((depth & ON_IRQ_STACK) !== 0);
  if (frames === FRAMES_MAX) return frame;
  const node = frames++;
  parents[node] = frame;
  call_sites[node] = site;
  depths[node] = depth;
  if ((depth & DEPTH_MASK) > deepest) deepest = depth & DEPTH_MASK;
  hash[at] = node;
  return node;
}

/** Depth of what is called from a place. */
function depth_below(frame: number, site: number): number {
  const caller = depths[frame]!;
  // An interrupt that comes upon another's code finds the stack changed already.
  return (caller & ON_IRQ_STACK) === 0 && irq_entries.has(site) ? ON_IRQ_STACK | 1 : caller + 1;
}

/** Whether the frame's function runs on the interrupts' stack. */
export function is_on_irq_stack(frame: number): boolean {
  return (depths[frame]! & ON_IRQ_STACK) !== 0;
}

/** What is called from this place of the kernel's runs on the interrupts' stack. */
export function add_irq_entry(site: number): void {
  irq_entries.add(site);
}

/** Who is told of a call for which a stack has no room; it never returns. */
export function set_overflow_handler(handler: (on_irq_stack: boolean) => never): void {
  on_overflow = handler;
}

/** Every machine stack has room for so many bytes of frames from now on. */
export function set_stack_bytes(bytes: number): void {
  const max = Math.floor(bytes / FRAME_BYTES);
  if (max === depth_max) return;
  const was = depth_max;
  depth_max = max;
  // Nodes that are too deep for one machine may be another's.
  if (deepest > Math.min(was, max)) link_nodes();
}

/** Makes the hash anew, of the nodes that are not too deep. */
function link_nodes(): void {
  hash.fill(0);
  for (let node = 1; node < frames; node++) {
    if ((depths[node]! & DEPTH_MASK) > depth_max) continue;
    let at = slot_of(parents[node]!, call_sites[node]!);
    while (hash[at] !== 0) at = (at + 1) & HASH_MASK;
    hash[at] = node;
  }
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

/** Nothing that could be thrown. */
const NOTHING = {};

/** What is on its way up, and where it was thrown. */
let thrown: unknown = NOTHING;
let thrown_frame = FRAME_NONE;
let thrown_site = SITE_NONE;

/** An error passes through a function of a module: the innermost one, which is the first, is remembered. Returns its place. */
export function remember_throw(error: unknown): { readonly frame: number; readonly site: number } {
  const place = throw_place(error) ?? { frame: pc[FRAME]!, site: pc[SITE]! };
  restore_throw(error, place);
  return place;
}

/** What is on its way up is this again. */
export function restore_throw(error: unknown, { frame, site }: { readonly frame: number; readonly site: number }): void {
  thrown = error;
  thrown_frame = frame;
  thrown_site = site;
}

/** A module has caught it. An object may be thrown on and keeps its place; the next 1 that is thrown is another. */
export function forget_throw(error: unknown): void {
  if (thrown === error && (typeof error !== 'object' || error === null) && typeof error !== 'function') thrown = NOTHING;
}

/** Where `error` was thrown, or null where nobody knows. */
export function throw_place(error: unknown): { frame: number; site: number } | null {
  return thrown === error ? { frame: thrown_frame, site: thrown_site } : null;
}

/** The same, and the memory of it ends here. */
export function take_throw(error: unknown): { frame: number; site: number } | null {
  const place = throw_place(error);
  if (place !== null) thrown = NOTHING;
  return place;
}
