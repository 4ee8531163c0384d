/** A machine takes parts that others have used and given back: nothing of theirs is to be seen, and it leaves theirs alone. */
import { expect, test } from 'vitest';
import { boot, type BootOptions, type Machine } from 'ringzero';
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { __get_free_pages, free_pages, GFP_ATOMIC, GFP_DMA, GFP_KERNEL } from 'ringzero/linux/gfp';
import { msleep } from 'ringzero/linux/delay';
import { IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { jiffies } from 'ringzero/linux/jiffies';
import { kthread_run } from 'ringzero/linux/kthread';
import { alloc_percpu } from 'ringzero/linux/percpu';
import { pr_info } from 'ringzero/linux/printk';
import { kfree, kmalloc, kmem_cache_alloc, kmem_cache_create } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK } from 'ringzero/linux/spinlock';
import { memset } from 'ringzero/linux/string';
import { mod_timer, timer_list, timer_setup } from 'ringzero/linux/timer';
import { load_u32, type Ptr, sizeof, store_u32, u32 } from 'ringzero/linux/types';
import { vmalloc } from 'ringzero/linux/vmalloc';
import { loadStacks } from '../../runtime/native/index.js';
import { proc_files, type ProcFile } from '../../kernel/fs/proc/files.js';
import { PAGE_OFFSET } from '../../kernel/mm/layout.js';
import { Node } from '../../kernel/mm/node.js';
import { QUARANTINE_CPU, Ram } from '../../kernel/mm/ram.js';

const PAGE = 4096;

/** All that a test can see of a machine: addresses, contents of fresh memory, logs, /proc, leaks, time, the token. */
function observe(options: BootOptions = {}): unknown {
  const machine = boot(options);
  const proc = (): string[] => (Object.keys(proc_files) as ProcFile[]).map((file) => machine.proc(file));
  try {
    const before = proc();
    const seen: number[] = [];
    machine.run(() => {
      for (const size of [8, 64, 100, 192, 2000, PAGE, 5 * PAGE]) {
        const p = kmalloc(size, GFP_KERNEL)!;
        seen.push(p, load_u32(p), load_u32((p + size - 4)));
      }
      for (const order of [0, 1, 3]) {
        const p = __get_free_pages(GFP_KERNEL, order)!;
        seen.push(p, load_u32(p), load_u32((p + (PAGE << order) - 4)));
      }
      seen.push(__get_free_pages(GFP_KERNEL | GFP_DMA, 2)!);
      const virtual = vmalloc(3 * PAGE)!;
      seen.push(virtual, load_u32(virtual), alloc_percpu(u32)!);
      const cache = kmem_cache_create('things', 40, 0, 0, null)!;
      seen.push(cache, kmem_cache_alloc(cache, GFP_KERNEL)!, DEFINE_SPINLOCK('lock'), jiffies);
      const done = DECLARE_COMPLETION('done');
      seen.push(done);
      const thread = kthread_run(() => {
        complete(done);
        return 0;
      }, null, 'thread');
      wait_for_completion(done);
      seen.push(thread.pid);
      pr_info('%p', kmalloc(32, GFP_KERNEL));
    });
    machine.settle();
    return [before, seen, proc(), machine.kmemleak(), machine.leftovers(), machine.dmesg(), machine.now(), machine.token()];
  } finally {
    machine.powerOff();
  }
}

/** A machine is used in every way that leaves something behind, and switched off in the middle of it. */
function wreck(options: BootOptions = {}): Machine {
  const machine = boot({ rules: { kasan: 'warn', 'page-alloc-failure': 'warn', kmemleak: 'warn' }, ...options });
  machine.run(() => {
    const cache = kmem_cache_create('mine', 72, 0, 0, null)!;
    for (let i = 0; i < 50; i++) memset(kmem_cache_alloc(cache, GFP_KERNEL)! as never, 0xa5, 72);
    for (const size of [8, 64, 100, 192, 2000, PAGE, 5 * PAGE]) {
      for (let i = 0; i < 40; i++) {
        const p = kmalloc(size, GFP_KERNEL)!;
        memset(p, 0x5a, size);
        if (i % 3 === 0) kfree(p);
        // A use after free, and a second free, which of pages kills the task.
        if (i === 3) load_u32(p);
        if (i === 6 && size <= 2 * PAGE) kfree(p);
      }
    }
    memset(vmalloc(20 * PAGE)! as never, 0x77, 20 * PAGE);
    alloc_percpu(u32);
    const timer = kmalloc(sizeof(timer_list), GFP_KERNEL)!;
    timer_setup(timer, () => undefined, 0);
    mod_timer(timer, jiffies + 1000);
    request_irq(5, () => IRQ_HANDLED, 0, 'mine', null);
    const never = DECLARE_COMPLETION('never');
    for (let i = 0; i < 5; i++) kthread_run(() => {
      wait_for_completion(never);
      return 0;
    }, null, 'stuck');
    // Until nothing is left, from the reserves too; the last that are freed stay with the CPU.
    const pages: Ptr[] = [];
    for (let p = __get_free_pages(GFP_ATOMIC, 0); p !== null; p = __get_free_pages(GFP_ATOMIC, 0)) pages.push(p);
    for (const p of pages) memset(p, 0xff, PAGE);
    for (const p of pages.slice(-3)) free_pages(p, 0);
  });
  machine.settle();
  return machine;
}

function panicked(): Machine {
  const machine = boot();
  expect(() => machine.run(() => {
    const p = kmalloc(64, GFP_KERNEL)!;
    kfree(p);
    load_u32(p);
  })).toThrow(/KASAN/);
  return machine;
}

/** What stays readable when a machine is off. */
function remains(machine: Machine): unknown {
  return [machine.report(), machine.headlines(), machine.dmesg(), machine.log(), machine.token(), machine.now(), machine.lsmod(), machine.panicked];
}

test('what a machine did is not to be seen by the next', () => {
  const fresh = observe();
  for (let i = 0; i < 3; i++) {
    wreck().powerOff();
    expect(observe()).toEqual(fresh);
  }
});

test('nor by one with other CPUs or zones of the same memory', () => {
  const shapes: BootOptions[] = [
    { cpus: 2, memory: { dma: 256, normal: 1000, highmem: 300 } },
    { cpus: 4, memory: { dma: 256, normal: 1000, highmem: 300 } },
    { cpus: 1, memory: { dma: 0, normal: 1556, highmem: 0 } },
    { cpus: 2, memory: { dma: 556, normal: 1000, highmem: 0 } },
  ];
  const fresh = shapes.map((shape) => observe(shape));
  for (const shape of shapes) wreck(shape).powerOff();
  expect(shapes.map((shape) => observe(shape))).toEqual(fresh);
  expect(shapes.toReversed().map((shape) => observe(shape))).toEqual(fresh.toReversed());
});

test('a machine that panicked leaves as little', () => {
  const fresh = observe();
  panicked().powerOff();
  expect(observe()).toEqual(fresh);
});

test('nor does one that wrote where nothing was ever allocated', () => {
  const fresh = observe();
  for (const offset of [0, PAGE, 1024 * PAGE]) {
    const machine = boot({ rules: { kasan: 'warn' } });
    machine.run(() => { store_u32((PAGE_OFFSET + offset), 0x5a5a5a5a); });
    expect(machine.headlines()[0]).toContain('KASAN');
    machine.powerOff();
    expect(observe()).toEqual(fresh);
  }
});

/** All of a machine's memory that the next one gets, but for records of objects, which are written before they are read. */
function memoryOf({ kernel: { mm } }: Machine): unknown {
  const { u32: words, shadow, page_words, cache_words, initialised, window_used } = mm.ram;
  return [words.some((word) => word !== 0), shadow.some((byte) => byte !== -1), page_words, cache_words, initialised, window_used, mm.ram.used_frames(), mm.zones];
}

test.each<[string, (machine: Machine) => void]>([
  ['did nothing', () => undefined],
  ['has static data', (machine) => machine.run(() => DEFINE_SPINLOCK('lock'))],
  ['has pages', (machine) => machine.run(() => [0, 3].map((order) => __get_free_pages(GFP_KERNEL, order)))],
  ['freed pages', (machine) => { machine.run(() => { free_pages(__get_free_pages(GFP_KERNEL, 1), 1); free_pages(__get_free_pages(GFP_KERNEL | GFP_DMA, 0), 0); }); }],
  ['has objects', (machine) => machine.run(() => [kmalloc(8, GFP_KERNEL), kmalloc(2000, GFP_KERNEL | GFP_DMA)])],
  ['freed objects', (machine) => { machine.run(() => { kfree(kmalloc(100, GFP_KERNEL)); }); }],
  ['has a cache', (machine) => machine.run(() => kmem_cache_alloc(kmem_cache_create('things', 40, 0, 0, null)!, GFP_KERNEL))],
  ['has virtual memory', (machine) => machine.run(() => [vmalloc(5 * PAGE), alloc_percpu(u32)])],
  ['wrote astray', (machine) => { machine.run(() => { store_u32((PAGE_OFFSET + 77 * PAGE), 1); }); }],
  ['was at work on its memory', (machine) => { for (const { pcp } of machine.kernel.mm.zones) pcp.reclaim_active = true; }],
  ['counted and queued', (machine) => { for (let word = 0; word < 4; word++) machine.kernel.mm.ram.cache_words[word] = machine.kernel.mm.ram.cache_words[QUARANTINE_CPU + 2 + word] = 1; }],
])('the memory of a machine that %s is as new afterwards', (_, use) => {
  // Of a size that no other test has: the first machine gets new memory, the second what the first has given back.
  const options: BootOptions = { rules: { kasan: 'warn' }, memory: { dma: 256, normal: 1001, highmem: 301 } };
  const fresh = memoryOf(machineWith(new Ram(256 + 1001 + 301), options));
  const machine = boot(options);
  use(machine);
  machine.powerOff();
  expect(memoryOf(machine)).toEqual(fresh);
});

test('memory whose zones change has none of the former ones', () => {
  const [before, after] = [{ dma: 256, normal: 1002, highmem: 300 }, { dma: 300, normal: 1002, highmem: 256 }];
  boot({ memory: before }).powerOff();
  const machine = boot({ memory: after });
  machine.powerOff();
  expect(memoryOf(machine)).toEqual(memoryOf(machineWith(new Ram(1558), { memory: after })));
});

/** What memoryOf() looks at, as nobody has used it. */
function machineWith(ram: Ram, { memory: { dma = 0, normal = 0, highmem = 0 } = {} }: BootOptions): Machine {
  const { zones } = new Node({ cpus: 2, dma_pages: dma, normal_pages: normal, highmem_pages: highmem }, ram);
  return { kernel: { mm: { ram, zones } } } as unknown as Machine;
}

test('a machine that is switched off ends its own tasks only', () => {
  const waiting = (): [Machine, () => void, string[]] => {
    const machine = boot();
    const ended: string[] = [];
    const done = machine.run(() => {
      const x = DECLARE_COMPLETION('done');
      for (const name of ['a', 'b']) kthread_run(() => {
        wait_for_completion(x);
        ended.push(name);
        return 0;
      }, null, name);
      return x;
    });
    machine.settle();
    return [machine, () => { machine.run(() => { complete(done); complete(done); }); }, ended];
  };
  const [first] = waiting();
  const [second, finish, ended] = waiting();
  const [third] = waiting();
  first.powerOff();
  third.powerOff();
  finish();
  second.settle();
  expect(ended).toEqual(['a', 'b']);
  second.powerOff();
});

test('a machine that is off keeps its logs, whatever others do with its parts', () => {
  const first = wreck();
  const second = panicked();
  const before = [remains(first), remains(second)];
  first.powerOff();
  second.powerOff();
  for (let i = 0; i < 5; i++) wreck().powerOff();
  expect([remains(first), remains(second)]).toEqual(before);
});

test('of the stacks of many tasks some are kept for others, and no more', () => {
  const machine = boot();
  machine.run(() => {
    for (let i = 0; i < 200; i++) {
      kthread_run(() => {
        msleep(1000);
        return 0;
      }, null, 'many');
    }
    msleep(10);
  });
  expect(loadStacks().stats().live).toBeGreaterThan(200);
  machine.settle();
  machine.powerOff();
  expect(loadStacks().stats().live).toBeLessThanOrEqual(64);
});

test('machines that are on at the same time share nothing', () => {
  const alone = observe();
  const other = wreck();
  expect(observe()).toEqual(alone);
  const before = remains(other);
  observe();
  expect(remains(other)).toEqual(before);
  other.powerOff();
});
