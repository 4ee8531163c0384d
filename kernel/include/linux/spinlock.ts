/** Spinlocks and reader-writer spinlocks. Follows include/linux/spinlock.h, which includes rwlock.h as here. */
export { DEFINE_SPINLOCK, raw_spinlock_t, spin_lock_init, spinlock_t } from '../../locking/spinlock_types.js';
export {
  assert_spin_locked,
  spin_is_contended,
  spin_is_locked,
  spin_lock,
  spin_lock_bh,
  spin_lock_irq,
  spin_lock_irqsave,
  spin_trylock,
  spin_trylock_bh,
  spin_trylock_irq,
  spin_trylock_irqsave,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irq,
  spin_unlock_irqrestore,
} from '../../locking/spinlock.js';
/** The raw locks: without PREEMPT_RT they are the same. */
export { DEFINE_SPINLOCK as DEFINE_RAW_SPINLOCK, spin_lock_init as raw_spin_lock_init } from '../../locking/spinlock_types.js';
export {
  assert_spin_locked as assert_raw_spin_locked,
  spin_is_locked as raw_spin_is_locked,
  spin_lock as raw_spin_lock,
  spin_lock_bh as raw_spin_lock_bh,
  spin_lock_irq as raw_spin_lock_irq,
  spin_lock_irqsave as raw_spin_lock_irqsave,
  spin_trylock as raw_spin_trylock,
  spin_trylock_irqsave as raw_spin_trylock_irqsave,
  spin_unlock as raw_spin_unlock,
  spin_unlock_bh as raw_spin_unlock_bh,
  spin_unlock_irq as raw_spin_unlock_irq,
  spin_unlock_irqrestore as raw_spin_unlock_irqrestore,
} from '../../locking/spinlock.js';
export type { irqflags } from './irqflags.js';
export * from './lockdep.js';
export * from './rwlock.js';
