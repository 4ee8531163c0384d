import { afterEach, beforeEach, expect, test } from 'vitest';
import { GFP_ATOMIC, GFP_KERNEL, KMALLOC_MAX_SIZE, __GFP_DMA, __GFP_HIGHMEM, __GFP_NOWARN, __GFP_NO_GROW, __GFP_ZERO, kcalloc, kfree, kfree_sensitive, kmalloc, kmalloc_array, krealloc, ksize, kzalloc, ZERO_SIZE_PTR } from '../../../kernel/include/linux/slab.js';
import { load_u8, store_u8, type Ptr } from '../../../kernel/include/linux/types.js';
import { bytes, copy_string, kmemdup, kstrdup, kstrndup, memset, read_string } from '../../../kernel/include/linux/string.js';
import { PAGE_OFFSET } from '../../../kernel/mm/layout.js';
import { set_mm } from '../../../kernel/mm/mm.js';
import { allocation_mark, for_each_object, type LiveObject } from '../../../kernel/mm/slab/object.js';
import { slab_pages } from '../../../kernel/mm/slab/slab_stat.js';
import { Halted, memory_machine, type MemoryMachine } from '../machine.js';

let machine: MemoryMachine;
beforeEach(() => {
  machine = memory_machine();
});
afterEach(() => {
  expect(machine.headlines()).toEqual([]);
  machine.off();
});

const live = (): LiveObject[] => {
  const objects: LiveObject[] = [];
  for_each_object((object) => objects.push(object));
  return objects;
};

test.each([
  [1, 8], [8, 8], [9, 16], [16, 16], [17, 32], [33, 64], [64, 64], [65, 96], [96, 96], [97, 128], [129, 192], [192, 192], [193, 256],
  [257, 512], [513, 1024], [1025, 2048], [2049, 4096], [4097, 8192], [8192, 8192], [8193, 16384], [16385, 32768],
])('kmalloc(%i) can hold %i', (size, holds) => {
  const p = kmalloc(size, GFP_KERNEL)!;
  expect(live().map((object) => object.size)).toEqual([size]);
  expect(ksize(p)).toBe(holds);
  if ((holds & (holds - 1)) === 0) expect((p - PAGE_OFFSET) % holds).toBe(0);
  kfree(p);
  expect(live()).toEqual([]);
});

test('every byte asked for, and no other, may be used', () => {
  for (const size of [1, 5, 8, 12, 16, 20, 31, 32, 63, 64, 65, 90, 96, 100, 128, 191, 200, 256, 511, 700, 1024, 3000, 4096, 8000, 8192, 9000, 20480]) {
    const p = kmalloc(size, GFP_KERNEL)!;
    for (let i = 0; i < size; i++) store_u8(p + i, 1);
    expect(machine.headlines()).toEqual([]);
    load_u8(p + size);
    load_u8(p - 1);
    const [right, left] = machine.headlines();
    // Five pages lie in a block of eight, so there is a redzone behind them too.
    expect(right, String(size)).toContain('BUG: KASAN: slab-out-of-bounds');
    expect(left, String(size)).toContain('BUG: KASAN: ');
    kfree(p);
  }
});

test('the last freed is the next given, on each CPU', () => {
  const a = kmalloc(64, GFP_KERNEL)!;
  machine.on_cpu(1);
  const b = kmalloc(64, GFP_KERNEL)!;
  expect((a ^ b) >>> 12).not.toBe(0);
  kfree(b);
  expect(kmalloc(64, GFP_KERNEL)).toBe(b);
  machine.on_cpu(0);
  kfree(a);
  expect(kmalloc(64, GFP_KERNEL)).toBe(a);
  kfree(a);
  kfree(b);
});

test('the same calls give the same addresses', () => {
  const run = (): number[] => {
    const kept = [10, 100, 1000, 64, 64, 5000].map((size) => kmalloc(size, GFP_KERNEL)!);
    kfree(kept[3]!);
    return [...kept, kmalloc(60, GFP_KERNEL)!];
  };
  const first = run();
  machine.off();
  machine = memory_machine();
  expect(run()).toEqual(first);
});

test('a machine begins with clean memory', () => {
  const p = kmalloc(4096, GFP_KERNEL)!;
  memset(p, 0xaa, 4096);
  machine.off();
  machine = memory_machine();
  expect(kmalloc(4096, GFP_KERNEL)).toBe(p);
  expect(bytes(p, 4096)).toEqual(new Uint8Array(4096));
});

test('two machines do not see each other', () => {
  const p = kmalloc(64, GFP_KERNEL)!;
  store_u8(p, 7);
  const first = machine;
  const second = memory_machine();
  expect(kmalloc(64, GFP_KERNEL)).toBe(p);
  expect(load_u8(p)).toBe(0);
  second.off();
  set_mm(first.mm);
  expect(load_u8(p)).toBe(7);
});

test('nothing, null and zero', () => {
  expect(kmalloc(0, GFP_KERNEL)).toBe(ZERO_SIZE_PTR);
  expect(ksize(ZERO_SIZE_PTR as Ptr)).toBe(0);
  expect(ksize(null)).toBe(0);
  kfree(ZERO_SIZE_PTR as Ptr);
  kfree(null);
  kfree_sensitive(null);
});

test('sizes that C would take for huge ones', () => {
  expect(kmalloc(-1, GFP_KERNEL)).toBeNull();
  expect(machine.headlines()).toEqual(['WARNING: CPU: 0 PID: 39 at mm/page_alloc.c:5634 __alloc_pages']);
  expect(kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL)).toBeNull();
  expect(kmalloc(0x7fffffff, GFP_KERNEL | __GFP_NOWARN)).toBeNull();
  expect(machine.headlines()).toEqual([]);
});

test('the largest block', () => {
  const p = kmalloc(KMALLOC_MAX_SIZE, GFP_KERNEL)!;
  expect((p - PAGE_OFFSET) % KMALLOC_MAX_SIZE).toBe(0);
  store_u8(p + KMALLOC_MAX_SIZE - 1, 1);
  kfree(p);
});

test('what is not a number is told in words', () => {
  const wrong = undefined as unknown as number;
  expect(() => kmalloc(wrong, GFP_KERNEL)).toThrow(new TypeError('kmalloc: size must be an integer, got undefined'));
  expect(() => kmalloc(1.5, GFP_KERNEL)).toThrow('kmalloc: size must be an integer, got 1.5');
  expect(() => kmalloc(NaN, GFP_KERNEL)).toThrow('kmalloc: size must be an integer, got NaN');
  expect(() => kmalloc(64, wrong)).toThrow('kmalloc: flags must be GFP_ flags, got undefined');
  expect(() => kfree('x' as unknown as Ptr)).toThrow('kfree: expected a pointer or null, got "x"');
});

test('zeroed memory', () => {
  for (const size of [8, 24, 64, 96, 200, 4096, 8192, 10000]) {
    const dirty = kmalloc(size, GFP_KERNEL)!;
    memset(dirty, 0xff, size);
    kfree(dirty);
    const p = kzalloc(size, GFP_KERNEL)!;
    expect(bytes(p, size)).toEqual(new Uint8Array(size));
    const q = kmalloc(size, GFP_ATOMIC | __GFP_ZERO)!;
    expect(bytes(q, size)).toEqual(new Uint8Array(size));
    kfree(p);
    kfree(q);
  }
});

test('arrays whose size overflows', () => {
  expect(kmalloc_array(0x10000, 0x10000, GFP_KERNEL)).toBeNull();
  expect(kcalloc(-1, 2, GFP_KERNEL)).toBeNull();
  const p = kcalloc(3, 5, GFP_KERNEL)!;
  expect(bytes(p, 15)).toEqual(new Uint8Array(15));
  kfree(p);
});

test('krealloc in place, to another place, and away', () => {
  const p = kmalloc(64, GFP_KERNEL)!;
  copy_string(p, 'content');
  machine.cpus[0]!.preempt_count = 1;
  expect(krealloc(p, 32, GFP_KERNEL)).toBe(p);
  machine.cpus[0]!.preempt_count = 0;
  load_u8(p + 32);
  expect(machine.headlines()[0]).toContain('slab-out-of-bounds');
  const q = krealloc(p, 1000, GFP_KERNEL)!;
  expect(q).not.toBe(p);
  expect(read_string(q)).toBe('content');
  load_u8(p);
  expect(machine.headlines()[0]).toContain('use-after-free');
  const large = krealloc(q, 20000, GFP_KERNEL)!;
  expect(read_string(large)).toBe('content');
  expect(krealloc(large, 9000, GFP_KERNEL)).toBe(large);
  load_u8(large + 9000);
  expect(machine.headlines()[0]).toContain('slab-out-of-bounds');
  expect(krealloc(large, 0, GFP_KERNEL)).toBe(ZERO_SIZE_PTR);
  expect(live()).toEqual([]);
});

test('copies', () => {
  const s = kstrdup('dög', GFP_KERNEL)!;
  expect(read_string(s)).toBe('dög');
  expect(ksize(s)).toBe(8);
  const t = kstrdup(s, GFP_KERNEL)!;
  expect(read_string(t)).toBe('dög');
  const u = kstrndup(s, 1, GFP_KERNEL)!;
  expect(read_string(u)).toBe('d');
  const v = kmemdup(s, 5, GFP_KERNEL)!;
  expect(read_string(v)).toBe('dög');
  expect(kstrdup(null, GFP_KERNEL)).toBeNull();
  for (const p of [s, t, u, v]) kfree(p);
});

test('kfree_sensitive leaves nothing behind', () => {
  const p = kmalloc(64, GFP_KERNEL)!;
  memset(p, 0x5a, 64);
  kfree_sensitive(p);
  expect(kmalloc(64, GFP_KERNEL)).toBe(p);
  expect(bytes(p, 64)).toEqual(new Uint8Array(64));
});

test('zones', () => {
  const p = kmalloc(64, GFP_KERNEL | __GFP_DMA)!;
  expect(p - PAGE_OFFSET).toBeLessThan(1024 * 4096);
  expect(live()[0]!.cache).toBe('dma-kmalloc-64');
  const q = kmalloc(64, GFP_KERNEL)!;
  expect(q - PAGE_OFFSET).toBeGreaterThanOrEqual(1024 * 4096);
  expect(live()[1]!.cache).toBe('kmalloc-64');
});

test('flags that kmalloc refuses', () => {
  expect(kmalloc(64, GFP_KERNEL | __GFP_HIGHMEM)).not.toBeNull();
  expect(kmalloc(32768, GFP_KERNEL | __GFP_HIGHMEM)).not.toBeNull();
  const words = 'Unexpected gfp: 0x2 (__GFP_HIGHMEM). Fixing up to gfp: 0xcc0 (GFP_KERNEL). Fix your code!';
  expect(machine.headlines()).toEqual([words, words]);
  expect(kmalloc(64, GFP_KERNEL | 0x40000000)).not.toBeNull();
  expect(machine.headlines()[0]).toContain('Unexpected gfp: 0x40000000 (0x40000000)');
});

test('a cache that may not grow', () => {
  expect(kmalloc(64, GFP_KERNEL | __GFP_NO_GROW)).toBeNull();
  const p = kmalloc(64, GFP_KERNEL)!;
  expect(kmalloc(64, GFP_KERNEL | __GFP_NO_GROW)).not.toBeNull();
  kfree(p);
});

test('a sleeping allocation in atomic context is reported, whether it would have slept or not', () => {
  kfree(kmalloc(64, GFP_KERNEL));
  machine.cpus[0]!.preempt_count = 1;
  kfree(kmalloc(64, GFP_ATOMIC));
  expect(machine.headlines()).toEqual([]);
  kfree(kmalloc(64, GFP_KERNEL));
  kfree(kmalloc(20000, GFP_KERNEL));
  const words = 'BUG: sleeping function called from invalid context at include/linux/sched/mm.h:274';
  expect(machine.headlines()).toEqual([words, words]);
});

test('exhaustion: null, a report, and all of it comes back', () => {
  const free = (): number => machine.mm.zones[0].free_pages + machine.mm.zones[1].free_pages;
  const before = free();
  const taken: Ptr[] = [];
  for (;;) {
    const p = kmalloc(1000, GFP_KERNEL);
    if (p === null) break;
    taken.push(p);
  }
  const text = machine.text();
  expect(text).toContain('insmod: page allocation failure: order:0, mode:0xcc0(GFP_KERNEL), nodemask=(null)');
  expect(text).toContain('Mem-Info:');
  expect(text).toContain('Normal free:');
  expect(kmalloc(1000, GFP_KERNEL | __GFP_NOWARN)).toBeNull();
  const emergency = kmalloc(1000, GFP_ATOMIC)!;
  expect(emergency).not.toBeNull();
  kfree(emergency);
  for (const p of taken) kfree(p);
  for (const cache of machine.mm.caches) cache?.shrink();
  expect(slab_pages()).toBe(0);
  expect(free()).toBe(before);
  expect(machine.mm.zones[1].free_blocks()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]);
});

test('live objects, since a mark', () => {
  kmalloc(10, GFP_KERNEL);
  const mark = allocation_mark();
  const p = kmalloc(100, GFP_KERNEL);
  const q = kmalloc(10000, GFP_KERNEL);
  const found = live().filter(({ seq }) => seq >= mark);
  expect(found.map(({ addr, size, cache, pid }) => ({ addr, size, cache, pid })).sort((a, b) => a.size - b.size)).toEqual([
    { addr: p, size: 100, cache: 'kmalloc-128', pid: 39 },
    { addr: q, size: 10000, cache: 'kmalloc-large', pid: 39 },
  ]);
});

test('fault injection', () => {
  machine.mm.should_failslab = (size) => size === 64;
  expect(kmalloc(64, GFP_KERNEL)).toBeNull();
  expect(kmalloc(65, GFP_KERNEL)).not.toBeNull();
});

test('a bad access panics where the rule says so', () => {
  machine.off();
  machine = memory_machine({}, 'panic');
  const p = kmalloc(64, GFP_KERNEL)!;
  kfree(p);
  expect(() => load_u8(p)).toThrow(Halted);
  machine.headlines();
});

test('a cache keeps a few empty slabs, the same number each time', () => {
  const kept = [1, 2, 3, 4, 5].map(() => {
    const objects = Array.from({ length: 200 }, () => kmalloc(512, GFP_KERNEL)!);
    for (const p of objects) kfree(p);
    return slab_pages();
  });
  // Five that are empty, and the one that the CPU allocates from.
  expect(kept).toEqual([6, 6, 6, 6, 6]);
});
