/** Linux: include/linux/container_of.h. */
export { container_of } from '../../lib/struct.js';
