/** Sleeping reader-writer locks. Follows include/linux/rwsem.h. */
export {
  DECLARE_RWSEM,
  down_read,
  down_read_trylock,
  down_write,
  down_write_trylock,
  downgrade_write,
  init_rwsem,
  rw_semaphore,
  rwsem_is_locked,
  up_read,
  up_write,
} from '../../locking/rwsem.js';
