/** The names of locks, as reports print them: what DEFINE_SPINLOCK() or spin_lock_init() was told. */
import { kernel } from '../current.js';

/** Remembers the name that a lock was initialised with; none, and what lay there before has no say any more. */
export function set_lock_name(address: number, name: string | undefined): void {
  if (name !== undefined) kernel.lock_names.set(address, name);
  else kernel.lock_names.delete(address);
}

export function lock_name(address: number): string {
  return kernel.lock_names.get(address) ?? `lock at 0x${address.toString(16)}`;
}
