/** Bits of bitmaps. Follows include/linux/bitops.h, which includes bits.h as here, and find.h. */
export * from './bits.js';
export {
  __change_bit,
  __clear_bit,
  __set_bit,
  __test_and_clear_bit,
  __test_and_set_bit,
  change_bit,
  clear_bit,
  find_first_bit,
  find_first_zero_bit,
  find_next_bit,
  find_next_zero_bit,
  set_bit,
  test_and_change_bit,
  test_and_clear_bit,
  test_and_set_bit,
  test_bit,
} from '../../lib/atomic_bitops.js';
