import { expect, test } from 'vitest';
import * as gfp from '../../kernel/include/linux/gfp.js';
import { format_gfp, gfp_names } from '../../kernel/mm/show_gfp.js';

test('the equalities of the book', () => {
  expect(gfp.GFP_ATOMIC).toBe(gfp.__GFP_HIGH);
  expect(gfp.GFP_NOIO).toBe(gfp.__GFP_WAIT);
  expect(gfp.GFP_NOFS).toBe(gfp.__GFP_WAIT | gfp.__GFP_IO);
  expect(gfp.GFP_KERNEL).toBe(gfp.__GFP_WAIT | gfp.__GFP_IO | gfp.__GFP_FS);
  expect(gfp.GFP_USER).toBe(gfp.__GFP_WAIT | gfp.__GFP_IO | gfp.__GFP_FS);
  expect(gfp.GFP_HIGHUSER).toBe(gfp.__GFP_WAIT | gfp.__GFP_IO | gfp.__GFP_FS | gfp.__GFP_HIGHMEM);
  expect(gfp.GFP_DMA).toBe(gfp.__GFP_DMA);
});

test('the names of today', () => {
  expect(gfp.__GFP_WAIT).toBe(gfp.__GFP_RECLAIM);
  expect(gfp.__GFP_RECLAIM).toBe(gfp.__GFP_DIRECT_RECLAIM | gfp.__GFP_KSWAPD_RECLAIM);
  expect(gfp.__GFP_REPEAT).toBe(gfp.__GFP_RETRY_MAYFAIL);
  expect(gfp.GFP_NOWAIT).toBe(gfp.__GFP_KSWAPD_RECLAIM);
  expect(gfp.GFP_KERNEL).toBe(0xcc0);
});

test('every modifier has bits of its own', () => {
  const composite = new Set(['__GFP_RECLAIM', '__GFP_WAIT', '__GFP_REPEAT', '__GFP_BITS_MASK']);
  let seen = 0;
  for (const [name, value] of Object.entries(gfp)) {
    if (!name.startsWith('__GFP_') || composite.has(name) || typeof value !== 'number') continue;
    expect(seen & value, name).toBe(0);
    expect(gfp.__GFP_BITS_MASK & value, name).toBe(value);
    seen |= value;
  }
  expect(seen).toBe(gfp.__GFP_BITS_MASK);
});

test('who may sleep', () => {
  for (const flags of [gfp.GFP_KERNEL, gfp.GFP_NOFS, gfp.GFP_NOIO, gfp.GFP_USER, gfp.GFP_HIGHUSER, gfp.GFP_DMA | gfp.GFP_KERNEL]) {
    expect(gfp.gfpflags_allow_blocking(flags)).toBe(true);
  }
  for (const flags of [gfp.GFP_ATOMIC, gfp.GFP_NOWAIT, gfp.GFP_DMA, gfp.GFP_DMA | gfp.GFP_ATOMIC]) {
    expect(gfp.gfpflags_allow_blocking(flags)).toBe(false);
  }
});

test('flags in words', () => {
  expect(format_gfp(gfp.GFP_KERNEL)).toBe('0xcc0(GFP_KERNEL)');
  expect(format_gfp(gfp.GFP_KERNEL | gfp.__GFP_NOWARN | gfp.__GFP_ZERO)).toBe('0x2dc0(GFP_KERNEL|__GFP_NOWARN|__GFP_ZERO)');
  expect(gfp_names(gfp.GFP_ATOMIC)).toBe('GFP_ATOMIC');
  expect(gfp_names(gfp.GFP_HIGHUSER)).toBe('GFP_HIGHUSER');
  expect(gfp_names(0x40000000)).toBe('0x40000000');
});
