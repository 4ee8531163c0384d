/** Shrinkers, kswapd, allocations that must not fail, and what is said when one fails. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KernelPanic, type Machine } from 'ringzero';
import { __free_page, __GFP_MEMALLOC, __GFP_NOFAIL, __GFP_NOWARN, alloc_page, alloc_pages, GFP_ATOMIC, GFP_KERNEL, GFP_NOFS, GFP_NOWAIT } from 'ringzero/linux/gfp';
import { kthread_run } from 'ringzero/linux/kthread';
import { msleep, ssleep } from 'ringzero/linux/delay';
import type { Page } from 'ringzero/linux/mm';
import { DEFINE_ADDRESS_SPACE, truncate_inode_pages } from 'ringzero/linux/pagemap';
import { memalloc_noreclaim_restore, memalloc_noreclaim_save } from 'ringzero/linux/sched_mm';
import { register_shrinker, SHRINK_EMPTY, SHRINK_STOP, unregister_shrinker, type shrinker } from 'ringzero/linux/shrinker';
import { spin_lock, spin_unlock, DEFINE_SPINLOCK } from 'ringzero/linux/spinlock';
import { fill_cache, give_all, small_machine, take_all } from './helpers.js';

let machine: Machine;
beforeEach(() => {
  machine = small_machine();
});
afterEach(() => {
  machine.powerOff();
});

const own = (gfp: number): number => (gfp & ~GFP_NOWAIT) | __GFP_NOWARN;

describe('a shrinker', () => {
  test('is asked when memory is short, and what it frees is had', () => {
    machine.run(() => {
      const cache: Page[] = [];
      const asked: number[] = [];
      const mine: shrinker = {
        count_objects: () => (cache.length === 0 ? SHRINK_EMPTY : cache.length),
        scan_objects: (self, sc) => {
          expect(self).toBe(mine);
          asked.push(sc.nr_to_scan);
          expect(sc.gfp_mask).toBe(own(GFP_NOFS));
          const victims = cache.splice(0, sc.nr_to_scan);
          give_all(victims);
          return victims.length;
        },
      };
      expect(register_shrinker(mine, 'toy-%d', 1)).toBe(0);
      const all = take_all();
      cache.push(...all.splice(0, 300));
      expect(alloc_page(own(GFP_NOFS))).not.toBeNull();
      expect(Math.max(...asked)).toBe(128);
      expect(cache.length).toBeLessThan(300);
      unregister_shrinker(mine);
      const before = asked.length;
      give_all(cache.splice(0));
      const rest = take_all();
      alloc_page(own(GFP_KERNEL));
      expect(asked.length).toBe(before);
      give_all([...all, ...rest]);
    });
  });

  test.each([
    ['SHRINK_EMPTY', SHRINK_EMPTY, 0, 0],
    ['0', 0, 0, 0],
    // Work put off adds up to a batch at priority 1, and all is due at 0; each ends at its first SHRINK_STOP.
    ['SHRINK_STOP', 100, SHRINK_STOP, 2],
    ['-1, as in C', 100, -1, 2],
  ])('that says %s', (_name, count, scan, expected) => {
    machine.run(() => {
      let scans = 0;
      const mine: shrinker = {
        count_objects: () => count,
        scan_objects: () => {
          scans++;
          return scan;
        },
      };
      register_shrinker(mine, 'toy');
      const all = take_all(0);
      expect(alloc_page(own(GFP_KERNEL))).toBeNull();
      expect(scans).toBe(expected);
      give_all(all);
      unregister_shrinker(mine);
    });
  });

  test('sees batch and nr_scanned honoured', () => {
    machine.run(() => {
      const asked: number[] = [];
      const mine: shrinker = {
        batch: 10,
        seeks: 0,
        count_objects: () => 100,
        scan_objects: (_self, sc) => {
          asked.push(sc.nr_to_scan);
          sc.nr_scanned = 25;
          return 0;
        },
      };
      register_shrinker(mine, 'toy');
      const all = take_all();
      alloc_page(own(GFP_KERNEL));
      // Half of the cache a time: 50 objects, 25 of which each call says it has looked at.
      expect(asked.slice(0, 2)).toEqual([10, 10]);
      expect(new Set(asked)).toEqual(new Set([10]));
      give_all(all);
      unregister_shrinker(mine);
    });
  });

  test('allocates from the reserves and never comes back to itself', () => {
    machine.run(() => {
      let depth = 0;
      let deepest = 0;
      const got: Page[] = [];
      const mine: shrinker = {
        count_objects: () => 1000,
        scan_objects: () => {
          deepest = Math.max(deepest, ++depth);
          const page = alloc_page(GFP_KERNEL | __GFP_NOWARN);
          if (page !== null) got.push(page);
          depth--;
          return SHRINK_STOP;
        },
      };
      register_shrinker(mine, 'toy');
      const all = take_all();
      alloc_page(own(GFP_KERNEL));
      expect(deepest).toBe(1);
      expect(got.length).toBeGreaterThan(0);
      unregister_shrinker(mine);
      give_all([...all, ...got]);
    });
    expect(machine.headlines()).toEqual([]);
  });

  test('is not unregistered while it runs', () => {
    machine.run(() => {
      let inside = false;
      const mine: shrinker = {
        count_objects: () => 1000,
        scan_objects: () => {
          inside = true;
          msleep(40);
          inside = false;
          return SHRINK_STOP;
        },
      };
      register_shrinker(mine, 'toy');
      const all = take_all();
      kthread_run(() => {
        alloc_page(own(GFP_KERNEL));
        return 0;
      }, null, 'eater');
      msleep(10);
      expect(inside).toBe(true);
      unregister_shrinker(mine);
      expect(inside).toBe(false);
      give_all(all);
    });
  });
});

test('a module that goes with its shrinker registered', () => {
  machine.insmod({
    name: 'gone',
    source: `import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
      import { register_shrinker } from 'ringzero/linux/shrinker';
      module_init(() => register_shrinker({ count_objects: () => 1, scan_objects: () => 1 }, 'gone'));
      module_exit(() => undefined);
      MODULE_LICENSE('GPL');`,
  });
  machine.rmmod('gone');
  expect(() => machine.run(() => {
    take_all(0);
    alloc_page(own(GFP_KERNEL));
  })).toThrow('BUG: unable to handle page fault for address');
  expect(machine.headlines()[0]).toContain('supervisor instruction fetch');
});

test('kswapd wakes below low, works to high, and an atomic allocation is enough to wake it', () => {
  machine.run(() => {
    const [, normal] = machine.kernel.mm.zones;
    const mapping = DEFINE_ADDRESS_SPACE('toyfs', { writepage: () => 0 });
    fill_cache(mapping, 300, false);
    const pages: Page[] = [];
    while (normal.nr_free + normal.pcp.total() > normal.low) pages.push(alloc_page(GFP_ATOMIC)!);
    const { reclaim } = machine.kernel.mm;
    expect(reclaim.pageoutrun).toBe(0);
    pages.push(alloc_page(GFP_ATOMIC)!, alloc_page(GFP_ATOMIC)!);
    msleep(50);
    expect(reclaim.pageoutrun).toBeGreaterThan(0);
    expect(reclaim.pgsteal_kswapd).toBeGreaterThan(0);
    expect(reclaim.pgsteal_direct).toBe(0);
    expect(normal.free_pages).toBeGreaterThanOrEqual(normal.high);
    expect(reclaim.kswapd!.comm).toBe('kswapd0');
    const runs = reclaim.pageoutrun;
    ssleep(1);
    expect(reclaim.pageoutrun).toBe(runs);
    give_all(pages);
    truncate_inode_pages(mapping, 0);
  });
  expect(machine.headlines()).toEqual([]);
});

test('kswapd gives up where there is nothing to free', () => {
  machine.run(() => {
    const all = take_all();
    msleep(50);
    for (let i = 0; i < 50; i++) expect(alloc_page(GFP_NOWAIT | __GFP_NOWARN)).toBeNull();
    expect(machine.kernel.mm.reclaim.kswapd_failures).toBe(16);
    give_all(all);
  });
});

describe('__GFP_NOFAIL', () => {
  test('waits for whoever frees memory, for seconds', () => {
    machine.run(() => {
      const all = take_all(GFP_NOWAIT | __GFP_MEMALLOC);
      kthread_run(() => {
        ssleep(4);
        give_all(all.splice(0, 1));
        return 0;
      }, null, 'giver');
      const page = alloc_page(GFP_KERNEL | __GFP_NOFAIL);
      expect(page).not.toBeNull();
      give_all([page!, ...all]);
    });
    expect(machine.headlines()).toEqual([]);
  });

  test('stops the machine when nobody does', () => {
    let error: unknown;
    try {
      machine.run(() => {
        for (;;) alloc_page(GFP_KERNEL | __GFP_NOFAIL);
      }, 'insmod');
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(KernelPanic);
    const { report } = error as KernelPanic;
    expect(report).toContain('insmod invoked oom-killer: gfp_mask=0x8cc0(GFP_KERNEL|__GFP_NOFAIL), order=0, oom_score_adj=0');
    expect(report).toContain('Mem-Info:');
    expect(report).toContain('Out of memory and no killable processes...');
    expect(report).toContain('Kernel panic - not syncing: System is deadlocked on memory');
  });

  test('is not for atomic context', () => {
    machine.run(() => {
      __free_page(alloc_page(GFP_ATOMIC | __GFP_NOFAIL)!);
    });
    expect(machine.headlines()[0]).toMatch(/^WARNING: CPU: \d PID: \d+ at mm\/page_alloc\.c:\d+ __alloc_pages_slowpath$/);
    machine.powerOff();
    machine = small_machine();
    const lock = machine.run(() => DEFINE_SPINLOCK('lock'));
    expect(() => machine.run(() => {
      spin_lock(lock);
      alloc_page(GFP_KERNEL | __GFP_NOFAIL);
      spin_unlock(lock);
    })).toThrow('BUG: sleeping function called from invalid context');
  });

  test('a costly order is warned of', () => {
    machine.run(() => {
      expect(alloc_pages(GFP_KERNEL | __GFP_NOFAIL, 2)).not.toBeNull();
    });
    expect(machine.headlines()[0]).toContain('mm/page_alloc.c:3891 get_page_from_freelist');
  });
});

test('a failure is told with the table, ten times in five seconds', () => {
  machine.run(() => {
    const all = take_all(GFP_ATOMIC);
    for (let i = 0; i < 25; i++) expect(alloc_page(GFP_ATOMIC)).toBeNull();
    ssleep(6);
    expect(alloc_page(GFP_ATOMIC)).toBeNull();
    give_all(all);
  }, 'insmod');
  expect(machine.headlines()).toEqual(new Array(11).fill('insmod: page allocation failure: order:0, mode:0x20(GFP_ATOMIC), nodemask=(null)'));
  expect(machine.dmesg()).toContain('warn_alloc: 15 callbacks suppressed');
  expect(machine.report()).toMatch(/^Normal free:\d+kB boost:0kB min:\d+kB low:\d+kB high:\d+kB .* present:4096kB managed:4096kB .* free_pcp:\d+kB local_pcp:\d+kB free_cma:0kB$/m);
});

test('who frees memory may use the last of it', () => {
  machine.run(() => {
    const all = take_all(GFP_ATOMIC);
    expect(alloc_page(GFP_ATOMIC | __GFP_NOWARN)).toBeNull();
    const scope = memalloc_noreclaim_save();
    const page = alloc_page(GFP_KERNEL);
    memalloc_noreclaim_restore(scope);
    expect(page).not.toBeNull();
    give_all([page!, ...all]);
  });
});
