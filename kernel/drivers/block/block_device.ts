/**
 * Block devices and what is asked of them. Linux: include/linux/blk_types.h (struct bio, struct block_device),
 * include/linux/blkdev.h (struct gendisk).
 *
 * They are ordinary objects: module code holds them by reference, as it holds pointers to them in C.
 */
import type { address_space } from '../../mm/pages/page_cache.js';
import type { Page } from '../../mm/pointer.js';

export const REQ_OP_READ = 0;
export const REQ_OP_WRITE = 1;
export const SECTOR_SHIFT = 9;
export const SECTOR_SIZE = 1 << SECTOR_SHIFT;

export const BLK_STS_OK = 0;
export const BLK_STS_IOERR = 10;

/** One stretch of memory of a request. */
export interface bio_vec {
  readonly bv_page: Page;
  readonly bv_len: number;
  readonly bv_offset: number;
}

/** A request: consecutive sectors to or from pages. */
export class bio {
  readonly bi_bdev: block_device;
  readonly bi_opf: number;
  readonly bi_max_vecs: number;
  /** First sector, of 512 bytes. */
  bi_sector = 0;
  readonly bi_io_vec: bio_vec[] = [];
  /** BLK_STS_OK or what went wrong; set before bio_endio(). */
  bi_status = BLK_STS_OK;
  /** Called when the request is done, in hard interrupt context as a rule. */
  bi_end_io: ((bio: bio) => void) | null = null;
  bi_private: unknown = null;
  /** Was submitted and is not done. */
  in_flight = false;

  constructor(bdev: block_device, opf: number, max_vecs: number) {
    this.bi_bdev = bdev;
    this.bi_opf = opf;
    this.bi_max_vecs = max_vecs;
  }
}

/** What a driver of a disk does. */
export interface block_device_operations {
  /** Starts a request, or keeps it for later; bio_endio() when it is done. Context: process, may sleep. */
  readonly submit_bio: (bio: bio) => void;
}

/** A disk. */
export class gendisk {
  disk_name = '';
  fops: block_device_operations | null = null;
  private_data: unknown = null;
  readonly part0: block_device;
  /** Size in sectors. */
  capacity = 0;

  constructor() {
    this.part0 = new block_device(this);
  }
}

/** A disk as one opens it. */
export class block_device {
  readonly bd_disk: gendisk;
  bd_openers = 0;
  /** Requests done, by REQ_OP_. Linux: struct disk_stats. */
  readonly bd_stats = { ios: [0, 0], sectors: [0, 0] };
  /** The page cache of the device itself, see bdev_mapping(). */
  mapping: address_space | null = null;

  constructor(disk: gendisk) {
    this.bd_disk = disk;
  }
}
