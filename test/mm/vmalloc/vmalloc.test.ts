/** vmalloc(), its guard pages, and what is done wrong with it. */
import { afterEach, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { kmap, kmap_local_page, kunmap, kunmap_local } from 'ringzero/linux/highmem';
import { page_address } from 'ringzero/linux/mm';
import { request_irq, free_irq, IRQ_HANDLED } from 'ringzero/linux/interrupt';
import { kfree, kmalloc, kvfree, kvmalloc, kvmalloc_array, kvzalloc, GFP_ATOMIC, GFP_KERNEL } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_lock_init, spin_unlock, spinlock_t } from 'ringzero/linux/spinlock';
import { bytes, copy_string, memcpy, memset, read_string } from 'ringzero/linux/string';
import { load_u32, load_u8, type Ptr, sizeof, store_u32, store_u8, struct, u32 } from 'ringzero/linux/types';
import { is_vmalloc_addr, vfree, vmalloc, vmalloc_to_page, vzalloc } from 'ringzero/linux/vmalloc';
import { page_to_pfn } from '../../../kernel/mm/pages/page.js';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

const free_pages = (): number => machine.kernel.mm.zones.reduce((sum, zone) => sum + zone.free_pages, 0);

test('an area is memory: bytes, words, structs, strings and locks', () => {
  machine = boot();
  const dog = struct('dog', { lock: spinlock_t, weight: u32 });
  machine.run(() => {
    const p = vmalloc(3 * 4096)!;
    expect(p % 4096).toBe(0);
    expect(is_vmalloc_addr(p)).toBe(true);
    memset(p, 7, 3 * 4096);
    store_u32(p + 4094, 0x11223344);
    expect(load_u32(p + 4094)).toBe(0x11223344);
    copy_string((p + 4090) as Ptr, 'across the border');
    expect(read_string((p + 4090) as Ptr)).toBe('across the border');
    const small = kmalloc(64, GFP_KERNEL)!;
    memcpy(small, (p + 100) as Ptr, 64);
    expect([...bytes(small, 64)]).toEqual(new Array(64).fill(7));
    kfree(small);
    vfree(p);
    const q = vmalloc(sizeof(dog))!;
    spin_lock_init(dog.at(q).lock);
    spin_lock(dog.at(q).lock);
    dog.at(q).weight = 9;
    spin_unlock(dog.at(q).lock);
    expect(dog.at(q).weight).toBe(9);
    vfree(q);
  });
  expect(machine.headlines()).toEqual([]);
});

test('its frames come from HIGHMEM first, one by one, and go back', () => {
  machine = boot();
  machine.run(() => {
    vfree(vmalloc(4096));
    const before = free_pages();
    const p = vmalloc(16 * 4096)!;
    expect(free_pages()).toBe(before - 16);
    const pfns = Array.from({ length: 16 }, (_, i) => page_to_pfn(vmalloc_to_page((p + i * 4096) as Ptr)!));
    expect(new Set(pfns).size).toBe(16);
    expect(pfns.every((pfn) => machine.kernel.mm.zone_of(pfn).name === 'HighMem')).toBe(true);
    vfree(p);
    expect(free_pages()).toBe(before);
  });
});

test('a machine without HIGHMEM takes them from lowmem', () => {
  machine = boot({ memory: { highmem: 0 } });
  machine.run(() => {
    const p = vzalloc(100_000)!;
    expect(bytes(p, 100_000).every((byte) => byte === 0)).toBe(true);
    vfree(p);
  });
});

test('a page of an area has the area as its only address, kmap or not', () => {
  machine = boot({ memory: { highmem: 3 } });
  machine.run(() => {
    const p = vzalloc(8 * 4096)!;
    for (let i = 0; i < 8; i++) {
      const page = vmalloc_to_page((p + i * 4096) as Ptr)!;
      const mapped = kmap(page);
      store_u8(mapped + 5, i);
      expect(load_u8(p + i * 4096 + 5)).toBe(i);
      expect(page_address(page)).toBe(mapped);
      kunmap(page);
      kunmap_local(kmap_local_page(page));
    }
    vfree(p);
  });
  expect(machine.headlines()).toEqual([]);
});

test('more than there is gives null, a report, and all of it back', () => {
  machine = boot();
  machine.run(() => {
    const before = free_pages();
    expect(vmalloc(1 << 30)).toBeNull();
    expect(vmalloc(0)).toBeNull();
    expect(vmalloc(5119 * 4096)).toBeNull();
    expect(free_pages()).toBe(before);
  });
  expect(machine.headlines().map((line) => line.split(',')[0])).toEqual([
    'run: vmalloc error: size 1073741824',
    expect.stringContaining('at mm/vmalloc.c:3164 __vmalloc_node_range'),
    'run: vmalloc error: size 20967424',
  ]);
});

test('the rest of the last page is accessible, the guard page is not', () => {
  machine = boot();
  const read = (at: number): (() => number) => () => {
    const p = vmalloc(4000)!;
    return load_u8(p + at);
  };
  expect(machine.run(read(4001))).toBe(0);
  expect(() => machine.run(read(4096))).toThrow('BUG: KASAN: vmalloc-out-of-bounds');
  expect(machine.report()).toMatch(/The buggy address belongs to the virtual mapping at\n \[[0-9a-f]{8}, [0-9a-f]{8}\) created by:/);
  expect(machine.report()).toContain('The buggy address is located 0 bytes to the right of\n 4000-byte area, 1 page');
  expect(machine.report()).toMatch(/>[0-9a-f]{8}: f8 f8/);
});

test('a use after vfree is found, in other functions too, and kills the task where the rule only warns', () => {
  machine = boot({ rules: { kasan: 'warn' } });
  const p = machine.run(() => {
    const area = vmalloc(8192)!;
    vfree(area);
    return area;
  });
  for (const use of [() => { store_u8(p + 5, 1); }, () => { memset(p, 1, 10); }, () => { load_u8(p + 5); }]) {
    expect(() => {
      machine.run(() => {
        expect(vmalloc(8192)).not.toBe(p);
        use();
      });
    }).toThrow('BUG: unable to handle page fault for address');
  }
  expect(machine.headlines().filter((line) => line.includes('KASAN')).map((line) => line.split(' in ')[0])).toEqual(new Array(3).fill('BUG: KASAN: vmalloc-out-of-bounds'));
  expect(machine.report()).toContain('Freed by task');
});

test('vfree of what vmalloc did not give', () => {
  machine = boot();
  machine.run(() => {
    const p = kmalloc(4096, GFP_KERNEL)!;
    vfree(p);
    vfree((p + 1) as Ptr);
    kfree(p);
    const q = vmalloc(100);
    vfree(q);
    vfree(q);
    vfree(null);
  });
  expect(machine.headlines().map((line) => line.replace(/[0-9a-f]{8}/, 'N').split('\n')[0])).toEqual([
    'Trying to vfree() nonexistent vm area (N)',
    'Trying to vfree() bad address (N)',
    'Trying to vfree() nonexistent vm area (N)',
  ]);
});

test('kfree of a vmalloc address is an oops', () => {
  machine = boot();
  let went_on = false;
  expect(() => machine.run(() => {
    const p = vmalloc(4096);
    kfree(p);
    went_on = true;
  })).toThrow('BUG: unable to handle page fault for address');
  expect(went_on).toBe(false);
});

test('vmalloc and vfree under a spinlock are found, on every run', () => {
  machine = boot({ rules: { 'sleep-in-atomic': 'warn' } });
  machine.run(() => {
    const lock = DEFINE_SPINLOCK('l');
    spin_lock(lock);
    const p = vmalloc(8192);
    vfree(p);
    spin_unlock(lock);
  });
  expect(machine.headlines().map((line) => line.split('\n')[0])).toEqual([
    'BUG: sleeping function called from invalid context at include/linux/sched/mm.h:274',
    'BUG: sleeping function called from invalid context at mm/vmalloc.c:2858',
  ]);
});

test('vmalloc in a hard interrupt handler is a BUG', () => {
  machine = boot();
  machine.run(() => {
    request_irq(9, () => {
      vmalloc(8192);
      return IRQ_HANDLED;
    }, 0, 'orc', null);
  });
  expect(() => {
    machine.raise(9);
  }).toThrow('kernel BUG at mm/vmalloc.c:2554!');
});

test('vfree in a hard interrupt handler is done later', () => {
  machine = boot();
  const dev = {};
  const before = machine.run(() => {
    const p = vmalloc(8192);
    const n = free_pages();
    request_irq(9, () => {
      vfree(p);
      return IRQ_HANDLED;
    }, 0, 'orc', dev);
    return n;
  });
  machine.raise(9);
  machine.run(() => {
    free_irq(9, dev);
  });
  machine.advance(1_000_000);
  expect(machine.kernel.mm.vmalloc!.areas).toEqual([]);
  expect(free_pages() - before).toBe(1);
});

test('kvmalloc: kmalloc where it can, vmalloc where it must', () => {
  machine = boot({ memory: { normal: 512, dma: 256, highmem: 2048 } });
  machine.run(() => {
    const small = kvmalloc(64, GFP_KERNEL)!;
    expect(is_vmalloc_addr(small)).toBe(false);
    kvfree(small);
    const large = kvzalloc(5 << 20, GFP_KERNEL)!;
    expect(is_vmalloc_addr(large)).toBe(true);
    expect(load_u32(large + (5 << 20) - 4)).toBe(0);
    kvfree(large);
    kvfree(null);
    expect(kvmalloc(5 << 20, GFP_ATOMIC)).toBeNull();
    expect(kvmalloc_array(0x10000, 0x10000, GFP_KERNEL)).toBeNull();
    expect(machine.headlines()).toEqual([]);
    expect(kvmalloc(0x80000000, GFP_KERNEL)).toBeNull();
  });
  expect(machine.headlines()[0]).toContain('at mm/util.c:596 kvmalloc_node');
});

test('what is left behind is one object, told by its size', () => {
  machine = boot();
  machine.run(() => vmalloc(10_000));
  expect(machine.leftovers().map(({ text }) => text.replace(/0x\w+/, 'N'))).toEqual(['unreferenced object N (size 10000, vmalloc), allocated by host code']);
});

test('a machine that comes after sees nothing of it', () => {
  machine = boot();
  const p = machine.run(() => {
    const area = vmalloc(4096)!;
    memset(area, 1, 4096);
    return area;
  });
  machine.powerOff();
  machine = boot();
  expect(() => machine.run(() => load_u8(p))).toThrow('BUG: KASAN: wild-memory-access');
  machine.powerOff();
  machine = boot();
  expect(machine.run(() => load_u8(vmalloc(4096)!))).toBe(0);
});
