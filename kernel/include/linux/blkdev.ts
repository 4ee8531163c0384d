/** Disks and requests to them. Follows include/linux/blkdev.h and bio.h. */
export {
  add_disk,
  bdev_mapping,
  bio_add_page,
  bio_alloc,
  bio_endio,
  BIO_MAX_VECS,
  bio_put,
  blk_alloc_disk,
  blkdev_get_by_path,
  blkdev_put,
  del_gendisk,
  set_capacity,
  submit_bio,
  submit_bio_wait,
} from '../../drivers/block/bio.js';
export { BLK_STS_IOERR, BLK_STS_OK, REQ_OP_READ, REQ_OP_WRITE, SECTOR_SHIFT, SECTOR_SIZE } from '../../drivers/block/block_device.js';
export type { bio, bio_vec, block_device, block_device_operations, gendisk } from '../../drivers/block/block_device.js';
