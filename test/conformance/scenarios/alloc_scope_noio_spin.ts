// scenario: alloc_scope_noio_spin
// family: alloc
// context: spinlock
// what: memalloc_noio_save() does not make GFP_KERNEL atomic
import { memalloc_noio_restore, memalloc_noio_save } from 'ringzero/linux/sched_mm';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  const f = memalloc_noio_save();
  spin_lock(l);
  const p = kmalloc(64, GFP_KERNEL);
  spin_unlock(l);
  memalloc_noio_restore(f);
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
