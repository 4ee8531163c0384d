/** Allocation flags in words, as %pGg prints them. Linux: include/trace/events/mmflags.h, lib/vsprintf.c. */
import * as gfp from './gfp_types.js';

/** Composite names first, so that the longest name wins. */
const NAMES: readonly (readonly [name: string, mask: number])[] = [
  ['GFP_HIGHUSER_MOVABLE', gfp.GFP_HIGHUSER_MOVABLE],
  ['GFP_HIGHUSER', gfp.GFP_HIGHUSER],
  ['GFP_KERNEL_ACCOUNT', gfp.GFP_KERNEL_ACCOUNT],
  ['GFP_KERNEL', gfp.GFP_KERNEL],
  ['GFP_NOFS', gfp.GFP_NOFS],
  ['GFP_ATOMIC', gfp.GFP_ATOMIC],
  ['GFP_NOIO', gfp.GFP_NOIO],
  ['GFP_NOWAIT', gfp.GFP_NOWAIT],
  ['GFP_DMA', gfp.GFP_DMA],
  ['__GFP_HIGHMEM', gfp.__GFP_HIGHMEM],
  ['GFP_DMA32', gfp.GFP_DMA32],
  ['__GFP_ATOMIC', gfp.__GFP_ATOMIC],
  ['__GFP_IO', gfp.__GFP_IO],
  ['__GFP_FS', gfp.__GFP_FS],
  ['__GFP_NOWARN', gfp.__GFP_NOWARN],
  ['__GFP_RETRY_MAYFAIL', gfp.__GFP_RETRY_MAYFAIL],
  ['__GFP_NOFAIL', gfp.__GFP_NOFAIL],
  ['__GFP_NORETRY', gfp.__GFP_NORETRY],
  ['__GFP_COMP', gfp.__GFP_COMP],
  ['__GFP_ZERO', gfp.__GFP_ZERO],
  ['__GFP_NOMEMALLOC', gfp.__GFP_NOMEMALLOC],
  ['__GFP_MEMALLOC', gfp.__GFP_MEMALLOC],
  ['__GFP_HARDWALL', gfp.__GFP_HARDWALL],
  ['__GFP_THISNODE', gfp.__GFP_THISNODE],
  ['__GFP_RECLAIMABLE', gfp.__GFP_RECLAIMABLE],
  ['__GFP_MOVABLE', gfp.__GFP_MOVABLE],
  ['__GFP_ACCOUNT', gfp.__GFP_ACCOUNT],
  ['__GFP_WRITE', gfp.__GFP_WRITE],
  ['__GFP_RECLAIM', gfp.__GFP_RECLAIM],
  ['__GFP_DIRECT_RECLAIM', gfp.__GFP_DIRECT_RECLAIM],
  ['__GFP_KSWAPD_RECLAIM', gfp.__GFP_KSWAPD_RECLAIM],
  ['__GFP_COLD', gfp.__GFP_COLD],
  ['__GFP_NO_GROW', gfp.__GFP_NO_GROW],
];

/** Names joined by `|`, unknown bits last in hexadecimal: `GFP_KERNEL|__GFP_NOWARN`. */
export function gfp_names(flags: number): string {
  const words: string[] = [];
  let rest = flags;
  for (const [name, mask] of NAMES) {
    if ((rest & mask) !== mask) continue;
    words.push(name);
    rest &= ~mask;
  }
  if (rest !== 0) words.push(`0x${(rest >>> 0).toString(16)}`);
  return words.join('|');
}

/** Number and names, as a report shows them: `0xcc0(GFP_KERNEL)`. */
export function format_gfp(flags: number): string {
  return `${gfp_hex(flags)}(${gfp_names(flags)})`;
}

/** As %#x prints a flags word. */
export function gfp_hex(flags: number): string {
  return `0x${(flags >>> 0).toString(16)}`;
}
