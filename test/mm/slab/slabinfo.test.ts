/** /proc/slabinfo and /proc/vmallocinfo as text. */
import { afterEach, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { GFP_KERNEL, kmalloc, kmem_cache_alloc, kmem_cache_create } from 'ringzero/linux/slab';
import { vmalloc } from 'ringzero/linux/vmalloc';
import { show_slabinfo } from '../../../kernel/fs/proc/slabinfo.js';
import { show_vmallocinfo } from '../../../kernel/fs/proc/vmallocinfo.js';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

test('a line a cache, with what is in use', () => {
  machine = boot();
  const text = machine.run(() => {
    const cache = kmem_cache_create('dogs', 40, 0, 0, null)!;
    for (let i = 0; i < 5; i++) kmem_cache_alloc(cache, GFP_KERNEL);
    kmalloc(64, GFP_KERNEL);
    return show_slabinfo();
  });
  const lines = text.split('\n');
  expect(lines[0]).toBe('slabinfo - version: 2.1');
  expect(lines[1]).toMatch(/^# name {12}<active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables/);
  expect(text).toMatch(/^dogs {19}5 +64 +64 +64 +1 : tunables +0 +0 +0 : slabdata +1 +1 +0$/m);
  expect(text).toMatch(/^kmem_cache +1 /m);
  expect(text).toMatch(/^kmalloc-64 +1 +32 +128 +32 +1 :/m);
});

test('a line an area', () => {
  machine = boot();
  const [empty, text] = machine.run(() => {
    const before = show_vmallocinfo();
    vmalloc(10_000);
    vmalloc(1);
    return [before, show_vmallocinfo()];
  });
  expect(empty).toBe('');
  expect(text).toMatch(/^0x[0-9a-f]{8}-0x[0-9a-f]{8} {3}16384 .* pages=3 vmalloc\n0x[0-9a-f]{8}-0x[0-9a-f]{8} {4}8192 .* pages=1 vmalloc\n$/);
});
