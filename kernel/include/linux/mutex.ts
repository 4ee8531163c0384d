/** Mutexes. Follows include/linux/mutex.h. */
export { DEFINE_MUTEX, mutex, mutex_init } from '../../locking/mutex_types.js';
export { mutex_is_locked, mutex_lock, mutex_lock_interruptible, mutex_trylock, mutex_unlock } from '../../locking/mutex.js';
/** Only a fatal signal would end it, and nobody sends one: it waits as mutex_lock_interruptible(). */
export { mutex_lock_interruptible as mutex_lock_killable } from '../../locking/mutex.js';
