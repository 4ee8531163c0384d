// scenario: alloc_pages_spin
// family: alloc
// context: spinlock
// what: __get_free_page(GFP_KERNEL) under a spinlock
import { free_page, __get_free_page, GFP_KERNEL } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  spin_lock(l);
  const p = __get_free_page(GFP_KERNEL);
  spin_unlock(l);
  free_page(p);
  return 0;
}

ORACLE_MODULE(run);
