/** What an exploration's schedules had and did not vary, as far as that could be: a claim names it. */
import { EXPLORED_KINDS, type ExploredKind } from '../choice/restricted.js';

/** A kind of choice that was left out, or the times of timers that expired, or allocations that could have failed. */
export type Unvaried = ExploredKind | 'times' | 'allocations';

const ALL: readonly Unvaried[] = [...EXPLORED_KINDS, 'times', 'allocations'];

/** All of them, each once, in one order whoever has seen them. */
export function unite(lists: readonly (readonly Unvaried[])[]): readonly Unvaried[] {
  const seen = new Set(lists.flat());
  return ALL.filter((one) => seen.has(one));
}

/** `; irq and timer choices took their usual course, timers were not moved, no allocation failed`, or nothing. */
export function describeUnvaried(unvaried: readonly Unvaried[]): string {
  // An allocation that may not fail says so itself.
  const kinds = unvaried.filter((one) => one !== 'times' && one !== 'allocations' && one !== 'alloc');
  const parts = [
    ...(kinds.length === 0 ? [] : [`${[kinds.slice(0, -1).join(', '), kinds.at(-1)!].filter((text) => text !== '').join(' and ')} choices took their usual course`]),
    ...(unvaried.includes('times') ? ['timers were not moved'] : []),
    ...(unvaried.includes('allocations') ? ['no allocation failed'] : []),
  ];
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`;
}
