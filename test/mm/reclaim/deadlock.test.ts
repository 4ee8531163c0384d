/** Toy filesystems and disks that allocate with the wrong flags: the deadlock is real, and its report has the chain. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KernelPanic, type Machine } from 'ringzero';
import { small_machine } from './helpers.js';

let machine: Machine;
beforeEach(() => {
  machine = small_machine();
});
afterEach(() => {
  machine.powerOff();
});

function panic_of(load: () => void): KernelPanic {
  try {
    load();
  } catch (error) {
    if (error instanceof KernelPanic) return error;
    throw error;
  }
  throw new Error('there was no panic');
}

/** A filesystem with a journal that both its write path and its writepage() lock. */
const toyfs = (gfp: string): string => `
import { GFP_KERNEL, GFP_NOFS, __GFP_NOWARN, alloc_page, __free_page } from 'ringzero/linux/gfp';
import type { Page } from 'ringzero/linux/mm';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { DEFINE_ADDRESS_SPACE, end_page_writeback, find_or_create_page, put_page, set_page_dirty, set_page_writeback, truncate_inode_pages, unlock_page } from 'ringzero/linux/pagemap';

const journal = DEFINE_MUTEX('journal');
function toyfs_writepage(page: Page): number {
  mutex_lock(journal);
  set_page_writeback(page);
  unlock_page(page);
  end_page_writeback(page);
  mutex_unlock(journal);
  return 0;
}
const mapping = DEFINE_ADDRESS_SPACE('toyfs', { writepage: toyfs_writepage });

function toyfs_write(): number {
  mutex_lock(journal);
  const page = alloc_page(${gfp});
  if (page !== null) __free_page(page);
  mutex_unlock(journal);
  return 0;
}

module_init(() => {
  for (let i = 0; i < 40; i++) {
    const page = find_or_create_page(mapping, i, GFP_KERNEL)!;
    set_page_dirty(page);
    unlock_page(page);
    put_page(page);
  }
  const pages: Page[] = [];
  for (;;) {
    const page = alloc_page(__GFP_NOWARN);
    if (page === null) break;
    pages.push(page);
  }
  const ret = toyfs_write();
  for (const page of pages) __free_page(page);
  return ret;
});
module_exit(() => {
  truncate_inode_pages(mapping, 0);
});
MODULE_LICENSE('GPL');
`;

test('a filesystem that allocates with GFP_KERNEL under its own lock', () => {
  const { report } = panic_of(() => machine.insmod({ name: 'toyfs', source: toyfs('GFP_KERNEL & ~0x800') }));
  expect(report).toContain('INFO: task insmod');
  const chain = report.slice(report.indexOf('what waits for what:'));
  const order = [
    / insmod\/\d+/,
    /-> allocates with 0x4c0\(.*__GFP_IO\|__GFP_FS.*\), order:0, and goes into reclaim, at: toyfs_write {2}toyfs\.ts:\d+:\d+ \[toyfs\]/,
    /-> which calls toyfs_writepage\(\) of toyfs, page 0 \[toyfs\]/,
    /-> waits for journal, held by itself, taken at: toyfs_write {2}toyfs\.ts:\d+:\d+ \[toyfs\]/,
  ].map((pattern) => chain.search(pattern));
  expect(order.every((at, i) => at >= 0 && (i === 0 || at > order[i - 1]!))).toBe(true);
});

test('the same with GFP_NOFS gets null and goes on', () => {
  machine.insmod({ name: 'toyfs', source: toyfs('(GFP_NOFS & ~0x800) | __GFP_NOWARN') });
  machine.rmmod('toyfs');
  expect(machine.headlines()).toEqual([]);
});

/** A disk whose submit_bio() and whose own thread of work take its mutex. */
const toydisk = (gfp: string): string => `
import { GFP_KERNEL, GFP_NOFS, GFP_NOIO, __GFP_NOWARN, alloc_page, __free_page } from 'ringzero/linux/gfp';
import type { Page } from 'ringzero/linux/mm';
import { add_disk, bdev_mapping, bio_endio, blk_alloc_disk, blkdev_get_by_path, blkdev_put, del_gendisk, set_capacity, type bio } from 'ringzero/linux/blkdev';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { find_or_create_page, put_page, set_page_dirty, unlock_page } from 'ringzero/linux/pagemap';

const queue = DEFINE_MUTEX('queue');
const disk = blk_alloc_disk(0);
disk.disk_name = 'toy0';
disk.fops = {
  submit_bio: function toy_submit_bio(request: bio): void {
    mutex_lock(queue);
    mutex_unlock(queue);
    bio_endio(request);
  },
};
set_capacity(disk, 4096);

module_init(() => {
  add_disk(disk);
  const bdev = blkdev_get_by_path('/dev/toy0')!;
  for (let i = 0; i < 40; i++) {
    const page = find_or_create_page(bdev_mapping(bdev), i, GFP_KERNEL)!;
    set_page_dirty(page);
    unlock_page(page);
    put_page(page);
  }
  const pages: Page[] = [];
  for (;;) {
    const page = alloc_page(__GFP_NOWARN);
    if (page === null) break;
    pages.push(page);
  }
  mutex_lock(queue);
  const page = alloc_page(${gfp});
  if (page !== null) __free_page(page);
  mutex_unlock(queue);
  for (const one of pages) __free_page(one);
  blkdev_put(bdev);
  return 0;
});
module_exit(() => {
  del_gendisk(disk);
});
MODULE_LICENSE('GPL');
`;

test('a disk driver that allocates with GFP_NOFS under its own lock', () => {
  const { report } = panic_of(() => machine.insmod({ name: 'toydisk', source: toydisk('GFP_NOFS & ~0x800') }));
  const chain = report.slice(report.indexOf('what waits for what:'));
  expect(chain).toMatch(/blkdev_writepage\(\) of \/dev\/toy0, page 0/);
  expect(chain).toMatch(/toy_submit_bio\(\) of the disk toy0 \[toydisk\]/);
  expect(chain).toMatch(/waits for queue, held by itself/);
});

test('the same with GFP_NOIO goes on', () => {
  machine.insmod({ name: 'toydisk', source: toydisk('(GFP_NOIO & ~0x800) | __GFP_NOWARN') });
  machine.rmmod('toydisk');
  expect(machine.headlines()).toEqual([]);
});

test('a submit_bio() that allocates with __GFP_IO is told so with memory to spare', () => {
  const source = toydisk('GFP_NOIO').replace('mutex_lock(queue);\n    mutex_unlock(queue);', '__free_page(alloc_page(GFP_NOFS)!);').replace('for (;;) {', 'while (pages.length < 1) {');
  machine.insmod({ name: 'toydisk', source });
  expect(machine.headlines()[0]).toMatch(/^WARNING: possible recursive locking detected\ninsmod\/\d+ is trying to acquire lock: \(fs_reclaim\)/);
  expect(machine.report()).toContain('which __GFP_IO lets call a ->submit_bio()');
});
