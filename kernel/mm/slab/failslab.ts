/** Slab allocations that are made to fail. Linux: mm/failslab.c. */
import { kernel } from '../../current.js';
import { fault_attr, type fault_settings } from '../../lib/fault_inject.js';
import { __GFP_DIRECT_RECLAIM, __GFP_NOFAIL, __GFP_NOWARN } from '../gfp_types.js';
import { mm } from '../mm.js';

export interface failslab_settings extends fault_settings {
  /** Leaves alone what may sleep. */
  readonly ignore_gfp_wait?: boolean;
  /** Only objects of such sizes, in bytes asked for. */
  readonly min_size?: number;
  readonly max_size?: number;
}

/** Sets what fails; null, nothing does. Linux: the files in /sys/kernel/debug/failslab. */
export function set_failslab(settings: failslab_settings | null, attr = new fault_attr('failslab')): void {
  if (settings === null) {
    mm.should_failslab = null;
    return;
  }
  const { ignore_gfp_wait = false, min_size = 0, max_size = Infinity, ...rest } = settings;
  attr.set(rest);
  mm.should_failslab = (size, gfp) => {
    if ((gfp & __GFP_NOFAIL) !== 0 || (ignore_gfp_wait && (gfp & __GFP_DIRECT_RECLAIM) !== 0)) return false;
    if (size < min_size || size > max_size || !attr.should_fail(size, gfp, (gfp & __GFP_NOWARN) !== 0)) return false;
    kernel.faults.note('failslab', size, gfp);
    return true;
  };
}
