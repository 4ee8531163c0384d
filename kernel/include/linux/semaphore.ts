/** Counting semaphores. Follows include/linux/semaphore.h. */
export { DEFINE_SEMAPHORE, down, down_interruptible, down_timeout, down_trylock, sema_init, semaphore, up } from '../../locking/semaphore.js';
