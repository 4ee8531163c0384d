/** Reader-writer spinlocks. Follows include/linux/rwlock.h. */
export { DEFINE_RWLOCK, rwlock_init, rwlock_t } from '../../locking/rwlock_types.js';
export {
  read_lock,
  read_lock_bh,
  read_lock_irq,
  read_lock_irqsave,
  read_trylock,
  read_unlock,
  read_unlock_bh,
  read_unlock_irq,
  read_unlock_irqrestore,
  write_lock,
  write_lock_bh,
  write_lock_irq,
  write_lock_irqsave,
  write_trylock,
  write_trylock_irqsave,
  write_unlock,
  write_unlock_bh,
  write_unlock_irq,
  write_unlock_irqrestore,
} from '../../locking/rwlock.js';
