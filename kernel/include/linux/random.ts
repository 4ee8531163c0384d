/** Follows include/linux/random.h. */
export { get_random_bytes, get_random_u32, get_random_u32_below, get_random_u32_inclusive, get_random_u8 } from '../../drivers/char/random.js';
