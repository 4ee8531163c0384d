/** A sleeping allocation that finds no memory really sleeps, and what the flags let it do meanwhile. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Machine } from 'ringzero';
import { add_disk, bdev_mapping, blk_alloc_disk, bio_endio, blkdev_get_by_path, blkdev_put, set_capacity, type bio } from 'ringzero/linux/blkdev';
import { __free_page, __GFP_DMA, __GFP_NORETRY, __GFP_NOWARN, __GFP_RETRY_MAYFAIL, alloc_page, alloc_pages, GFP_ATOMIC, GFP_KERNEL, GFP_NOFS, GFP_NOIO, GFP_NOWAIT } from 'ringzero/linux/gfp';
import { jiffies } from 'ringzero/linux/jiffies';
import { kthread_run } from 'ringzero/linux/kthread';
import { DEFINE_ADDRESS_SPACE, end_page_writeback, set_page_writeback, truncate_inode_pages, unlock_page } from 'ringzero/linux/pagemap';
import type { Page } from 'ringzero/linux/mm';
import { msleep } from 'ringzero/linux/delay';
import { memalloc_nofs_restore, memalloc_nofs_save, memalloc_noio_restore, memalloc_noio_save } from 'ringzero/linux/sched_mm';
import { fill_cache, give_all, small_machine, take_all } from './helpers.js';

/** Flags that neither sleep nor wake kswapd: what happens afterwards is the allocation's own doing. */
const NOBODY = 0;

/** The write begins and never ends. */
function start_and_forget(page: Page): number {
  set_page_writeback(page);
  unlock_page(page);
  return 0;
}

let machine: Machine;
beforeEach(() => {
  machine = small_machine();
});
afterEach(() => {
  machine.powerOff();
});

test.each([
  ['GFP_KERNEL', GFP_KERNEL, true],
  ['GFP_NOFS', GFP_NOFS, true],
  ['GFP_NOIO', GFP_NOIO, true],
  ['GFP_KERNEL|__GFP_NORETRY', GFP_KERNEL | __GFP_NORETRY, true],
  ['GFP_KERNEL|__GFP_RETRY_MAYFAIL', GFP_KERNEL | __GFP_RETRY_MAYFAIL, true],
  ['GFP_ATOMIC', GFP_ATOMIC, false],
  ['GFP_NOWAIT', GFP_NOWAIT, false],
])('%s without memory: null, and others run meanwhile: %s', (_name, gfp, sleeps) => {
  machine.run(() => {
    const all = take_all(GFP_ATOMIC);
    let others = 0;
    let failed = false;
    kthread_run(() => {
      while (!failed) {
        others++;
        msleep(1);
      }
      return 0;
    }, null, 'other');
    msleep(20);
    const [before, since] = [others, jiffies];
    expect(alloc_page(gfp | __GFP_NOWARN)).toBeNull();
    expect(jiffies > since).toBe(sleeps);
    expect(others > before).toBe(sleeps);
    failed = true;
    give_all(all);
  });
  expect(machine.headlines()).toEqual([]);
});

test('memory that another task frees meanwhile ends the wait', () => {
  machine.run(() => {
    const all = take_all();
    const mapping = DEFINE_ADDRESS_SPACE('slowfs', { writepage: start_and_forget });
    give_all(all.splice(0, 1));
    fill_cache(mapping, 1, true);
    kthread_run(() => {
      msleep(50);
      give_all(all.splice(0, 40));
      return 0;
    }, null, 'giver');
    const page = alloc_page(GFP_KERNEL);
    expect(page).not.toBeNull();
    expect(all.length).toBeLessThan(1000);
    __free_page(page!);
    give_all(all);
  });
  expect(machine.headlines()).toEqual([]);
});

describe('write-back', () => {
  /** A file of 64 dirty pages on no disk, and 64 dirty pages of a disk, while there is no other memory. */
  function pressed(body: (count: { readonly writepage: number; io: () => number }) => void): void {
    machine.run(() => {
      const bdev = blkdev_get_by_path('/dev/sda')!;
      const count = { writepage: 0, io: () => bdev.bd_stats.ios[1]! };
      const mapping = DEFINE_ADDRESS_SPACE('toyfs', {
        writepage: (page) => {
          count.writepage++;
          set_page_writeback(page);
          unlock_page(page);
          end_page_writeback(page);
          return 0;
        },
      });
      fill_cache(mapping, 64, true);
      fill_cache(bdev_mapping(bdev), 64, true);
      const all = take_all(NOBODY);
      const noted = { writepage: count.writepage, io: count.io() };
      body({
        get writepage() {
          return count.writepage - noted.writepage;
        },
        io: () => count.io() - noted.io,
      });
      give_all(all);
      truncate_inode_pages(mapping, 0);
      blkdev_put(bdev);
    });
    expect(machine.headlines()).toEqual([]);
  }
  /** Without the bit that wakes kswapd, so that what is seen is the allocation's own doing. */
  const own = (gfp: number): number => (gfp & ~GFP_NOWAIT) | __GFP_NOWARN;

  test('GFP_KERNEL writes through the filesystem and to the disk, and gets memory', () => {
    pressed((count) => {
      expect(alloc_page(own(GFP_KERNEL))).not.toBeNull();
      expect(count.writepage).toBeGreaterThan(0);
    });
  });

  test('GFP_NOFS writes to the disk only, and sleeps for it', () => {
    pressed((count) => {
      const since = jiffies;
      expect(alloc_page(own(GFP_NOFS))).not.toBeNull();
      expect(count.writepage).toBe(0);
      expect(count.io()).toBeGreaterThan(0);
      expect(jiffies).toBeGreaterThan(since);
    });
  });

  test('GFP_NOIO does neither, and fails', () => {
    pressed((count) => {
      expect(alloc_page(own(GFP_NOIO))).toBeNull();
      expect(count.writepage).toBe(0);
      expect(count.io()).toBe(0);
    });
  });

  test('GFP_KERNEL is GFP_NOIO or GFP_NOFS in a scope', () => {
    pressed((count) => {
      const outer = memalloc_nofs_save();
      const inner = memalloc_noio_save();
      expect(alloc_page(own(GFP_KERNEL))).toBeNull();
      memalloc_noio_restore(inner);
      expect(alloc_page(own(GFP_KERNEL))).not.toBeNull();
      expect(count.writepage).toBe(0);
      memalloc_nofs_restore(outer);
    });
  });

  test('flags that neither sleep nor wake kswapd do nothing of the kind', () => {
    pressed((count) => {
      expect(alloc_page(NOBODY | __GFP_NOWARN)).toBeNull();
      expect(count.writepage + count.io()).toBe(0);
    });
  });
});

test('clean pages go without I/O, the least recently used first', () => {
  machine.run(() => {
    const mapping = DEFINE_ADDRESS_SPACE('toyfs', { writepage: () => 0 });
    fill_cache(mapping, 100, false);
    for (const page of machine.kernel.mm.reclaim.lru.values()) page.referenced = false;
    const all = take_all(NOBODY);
    expect(alloc_page((GFP_KERNEL & ~GFP_NOWAIT) | __GFP_NOWARN)).not.toBeNull();
    expect(mapping.pages.size).toBeLessThan(100);
    expect(mapping.pages.has(99)).toBe(true);
    expect(mapping.pages.has(0)).toBe(false);
    give_all(all);
    truncate_inode_pages(mapping, 0);
  });
});

test('__GFP_NORETRY goes round once, a costly order too, __GFP_RETRY_MAYFAIL again and again', () => {
  machine.run(() => {
    const mapping = DEFINE_ADDRESS_SPACE('stuckfs', { writepage: start_and_forget });
    fill_cache(mapping, 1, true);
    const all = take_all(NOBODY);
    const rounds = (gfp: number, order: number): number => {
      const before = machine.kernel.mm.reclaim.allocstall;
      expect(alloc_pages(gfp | __GFP_NOWARN, order)).toBeNull();
      return machine.kernel.mm.reclaim.allocstall - before;
    };
    expect(rounds(GFP_KERNEL | __GFP_NORETRY, 0)).toBe(1);
    expect(rounds(GFP_KERNEL, 4)).toBe(1);
    expect(rounds(GFP_KERNEL | __GFP_RETRY_MAYFAIL, 4)).toBe(17);
    expect(rounds(GFP_KERNEL, 0)).toBe(17);
    expect(rounds(GFP_KERNEL | __GFP_DMA, 0)).toBe(17);
    give_all(all);
  });
});

test('a module can be a disk', () => {
  machine.run(() => {
    const disk = blk_alloc_disk(0);
    const seen: bio[] = [];
    disk.disk_name = 'toy0';
    disk.fops = { submit_bio: (request) => {
        seen.push(request);
        bio_endio(request);
      } };
    set_capacity(disk, 64);
    expect(add_disk(disk)).toBe(0);
    const bdev = blkdev_get_by_path('/dev/toy0')!;
    fill_cache(bdev_mapping(bdev), 9, true);
    blkdev_put(bdev);
    // The ninth page lies beyond the end.
    expect(seen.length).toBe(8);
  });
  expect(machine.dmesg()).toContain('toy0: attempt to access beyond end of device');
});
