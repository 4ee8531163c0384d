/** Questions about who holds a lock. Follows include/linux/lockdep.h. */
export {
  lockdep_assert_held,
  lockdep_assert_held_read,
  lockdep_assert_held_write,
  lockdep_assert_not_held,
  lockdep_is_held,
} from '../../locking/lockdep.js';
