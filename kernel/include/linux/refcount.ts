/** Reference counters that saturate. Follows include/linux/refcount.h. */
export {
  refcount_add,
  refcount_dec,
  refcount_dec_and_test,
  refcount_inc,
  refcount_inc_not_zero,
  REFCOUNT_INIT,
  refcount_read,
  REFCOUNT_SATURATED,
  refcount_set,
  refcount_sub_and_test,
  refcount_t,
} from '../../lib/refcount.js';
