/** Requests to disks. Linux: block/bio.c, block/blk-core.c, block/genhd.c, block/bdev.c, block/fops.c. */
import { point } from '../../arch/point.js';
import { this_cpu } from '../../arch/cpu.js';
import { TASK_NORMAL, TASK_RUNNING, TASK_UNINTERRUPTIBLE } from '../../arch/task.js';
import { kernel } from '../../current.js';
import { report } from '../../debug/report.js';
import { EBUSY, EEXIST, EINVAL, EIO } from '../../include/linux/errno.js';
import { PAGE_SIZE } from '../../mm/layout.js';
import { IN_SUBMIT_BIO } from '../../mm/memalloc.js';
import { end_page_writeback, filemap_write_and_wait, page_index, page_mapping, set_page_writeback, truncate_inode_pages, unlock_page, mapping_set_error } from '../../mm/pages/filemap.js';
import { address_space } from '../../mm/pages/page_cache.js';
import type { Page } from '../../mm/pointer.js';
import { enter_hook, leave_hook } from '../../mm/reclaim/reclaim_chain.js';
import { call_module } from '../../module/call.js';
import { note_callback } from '../../module/owner.js';
import { might_alloc, might_sleep_at } from '../../sched/might_sleep.js';
import { bio, BLK_STS_IOERR, BLK_STS_OK, type block_device, gendisk, REQ_OP_WRITE, SECTOR_SHIFT } from './block_device.js';
import { Sda } from './sda.js';

/** Stretches that a request can have. */
export const BIO_MAX_VECS = 256;

class BlockState {
  readonly disks = new Map<string, gendisk>();
  /** The machine's own, once somebody has opened it. */
  sda: Sda | null = null;
}

const states = new WeakMap<object, BlockState>();

function block_state(): BlockState {
  let state = states.get(kernel);
  if (state === undefined) states.set(kernel, (state = new BlockState()));
  return state;
}

/** A disk to be filled in: disk_name, fops, capacity, private_data. Context: process, may sleep. */
export function blk_alloc_disk(_node: number): gendisk {
  point();
  return new gendisk();
}

/** Size in sectors of 512 bytes. Context: any. */
export function set_capacity(disk: gendisk, sectors: number): void {
  point();
  disk.capacity = sectors;
}

/** The disk can be opened from here on. Returns 0, -EEXIST, or -EINVAL for one without name or fops. Context: process, may sleep. */
export function add_disk(disk: gendisk): number {
  point();
  might_sleep_at('block/genhd.c:427');
  if (disk.disk_name === '' || disk.fops === null) return -EINVAL;
  const { disks } = block_state();
  if (disk.disk_name === 'sda' || disks.has(disk.disk_name)) return -EEXIST;
  note_callback(disk.fops.submit_bio);
  disks.set(disk.disk_name, disk);
  kernel.registrations.add('disk', disk, disk.disk_name);
  return 0;
}

/** The disk goes: it cannot be opened any more. Context: process, may sleep. */
export function del_gendisk(disk: gendisk): void {
  point();
  might_sleep_at('block/genhd.c:607');
  const { disks } = block_state();
  if (disks.get(disk.disk_name) !== disk) return;
  disks.delete(disk.disk_name);
  kernel.registrations.remove(disk);
}

/**
 * Opens a disk: `blkdev_get_by_path('/dev/sda')` is the machine's own, others are those of add_disk(). Null where
 * there is none, or where the machine's disk cannot have its interrupt line. (Linux returns ERR_PTR().)
 * Context: process, may sleep.
 */
export function blkdev_get_by_path(path: string): block_device | null {
  point();
  might_sleep_at('block/bdev.c:815');
  const state = block_state();
  const name = path.replace(/^\/dev\//, '');
  if (name === 'sda') {
    state.sda ??= new Sda();
    const { disk: own } = state.sda;
    if (own.part0.bd_openers === 0 && state.sda.open() !== 0) return null;
    own.part0.bd_openers++;
    return own.part0;
  }
  const disk = state.disks.get(name);
  if (disk === undefined) return null;
  disk.part0.bd_openers++;
  return disk.part0;
}

/** Closes a disk; the last to do so has its cached pages written. Context: process, may sleep. */
export function blkdev_put(bdev: block_device): void {
  point();
  might_sleep_at('block/bdev.c:922');
  if (bdev.bd_openers === 0) {
    report('warn', `WARNING: blkdev_put() of ${bdev.bd_disk.disk_name}, which is not open`);
    return;
  }
  if (--bdev.bd_openers > 0) return;
  if (bdev.mapping !== null) {
    filemap_write_and_wait(bdev.mapping);
    truncate_inode_pages(bdev.mapping, 0);
  }
  const { sda } = block_state();
  if (bdev.bd_disk === sda?.disk) sda.close();
}

/** The pages of the device itself: page n is sectors 8 n to 8 n + 7. Linux: bdev->bd_inode->i_mapping. Context: any. */
export function bdev_mapping(bdev: block_device): address_space {
  point();
  return (bdev.mapping ??= new address_space(`/dev/${bdev.bd_disk.disk_name}`, { writepage: blkdev_writepage }, bdev, bdev));
}

/** Linux: block/fops.c, blkdev_writepage(). */
function blkdev_writepage(page: Page): number {
  const bdev = page_mapping(page)!.bdev!;
  const request = new bio(bdev, REQ_OP_WRITE, 1);
  request.bi_sector = page_index(page) * (PAGE_SIZE >>> SECTOR_SHIFT);
  request.bi_io_vec.push({ bv_page: page, bv_len: PAGE_SIZE, bv_offset: 0 });
  request.bi_end_io = (done) => {
    const mapping = page_mapping(page);
    if (done.bi_status !== BLK_STS_OK && mapping !== null) mapping_set_error(mapping, -EIO);
    end_page_writeback(page);
  };
  set_page_writeback(page);
  unlock_page(page);
  submit_bio(request);
  return 0;
}

/**
 * A request for a disk: `opf` is REQ_OP_READ or REQ_OP_WRITE. It comes from a mempool, so with flags that may sleep
 * it never fails. Context: as kmalloc().
 */
export function bio_alloc(bdev: block_device, nr_vecs: number, opf: number, gfp: number): bio {
  point();
  might_alloc(gfp);
  return new bio(bdev, opf, nr_vecs);
}

/** Adds memory to a request. Returns `len`, or 0 where it does not fit. Context: any. */
export function bio_add_page(request: bio, page: Page, len: number, offset: number): number {
  point();
  if (request.bi_io_vec.length >= Math.min(request.bi_max_vecs, BIO_MAX_VECS)) return 0;
  if (len <= 0 || offset < 0 || offset + len > PAGE_SIZE) return 0;
  request.bi_io_vec.push({ bv_page: page, bv_len: len, bv_offset: offset });
  return len;
}

/** Lets go of a request. It is done, or was never submitted. Context: any. */
export function bio_put(request: bio): void {
  point();
  if (request.in_flight) report('warn', 'WARNING: bio_put() of a request that is in flight');
}

/**
 * Starts a request; its bi_end_io() is called when it is done. A request that has no place on the disk ends at once
 * with BLK_STS_IOERR. Context: process, may sleep.
 */
export function submit_bio(request: bio): void {
  point();
  note_callback(request.bi_end_io);
  submit_bio_noacct(request);
}

function submit_bio_noacct(request: bio): void {
  might_sleep_at('block/blk-core.c:721');
  if (request.in_flight) {
    report('warn', 'WARNING: submit_bio() of a request that is in flight');
    return;
  }
  const { bd_disk: disk } = request.bi_bdev;
  request.in_flight = true;
  request.bi_status = BLK_STS_OK;
  const bytes = request.bi_io_vec.reduce((sum, vec) => sum + vec.bv_len, 0);
  if (request.bi_sector < 0 || request.bi_sector + (bytes >>> SECTOR_SHIFT) > disk.capacity) {
    kernel.printk.emit(4, `${disk.disk_name}: attempt to access beyond end of device`);
    request.bi_status = BLK_STS_IOERR;
    bio_endio(request);
    return;
  }
  const { submit_bio: fn } = disk.fops!;
  const own = kernel.modules.owner_of(fn) === null;
  enter_hook(own ? 0 : IN_SUBMIT_BIO, { what: `${fn.name}() of the disk ${disk.disk_name}`, fn });
  call_module(fn, [request], (name, now, then) => {
    report('context-imbalance', `WARNING: ${name} returned with preempt_count ${now.preempt_count.toString(16)}, entered with ${then.preempt_count.toString(16)}`);
  });
  leave_hook();
}

/** A driver has done a request; its bi_status says how it went. Context: any. */
export function bio_endio(request: bio): void {
  point();
  if (!request.in_flight) {
    report('warn', 'WARNING: bio_endio() of a request that is not in flight');
    return;
  }
  request.in_flight = false;
  const { bd_stats } = request.bi_bdev;
  const op = request.bi_opf & 1;
  bd_stats.ios[op]!++;
  bd_stats.sectors[op]! += request.bi_io_vec.reduce((sum, vec) => sum + vec.bv_len, 0) >>> SECTOR_SHIFT;
  if (request.bi_end_io === null) return;
  call_module(request.bi_end_io, [request], (name, now, then) => {
    report('context-imbalance', `WARNING: ${name} returned with preempt_count ${now.preempt_count.toString(16)}, entered with ${then.preempt_count.toString(16)}`);
  });
}

/** Starts a request and sleeps until it is done. Returns 0, -EIO, or -EBUSY for one in flight. Context: process, may sleep. */
export function submit_bio_wait(request: bio): number {
  point();
  if (request.in_flight) return -EBUSY;
  const task = this_cpu.current;
  let done = false;
  request.bi_end_io = () => {
    done = true;
    kernel.sched.try_to_wake_up(task, TASK_NORMAL);
  };
  point();
  submit_bio_noacct(request);
  const outer = task.waiting_for;
  task.waiting_for = `a request to ${request.bi_bdev.bd_disk.disk_name}`;
  const blocked = (): boolean => !done;
  while (blocked()) {
    task.__state = TASK_UNINTERRUPTIBLE;
    kernel.sched.schedule();
  }
  task.__state = TASK_RUNNING;
  task.waiting_for = outer;
  return request.bi_status === BLK_STS_OK ? 0 : -EIO;
}
