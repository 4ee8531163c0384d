// scenario: free_vfree_spin
// family: free
// context: spinlock
// what: vfree under a spinlock
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { vfree, vmalloc } from 'ringzero/linux/vmalloc';
import { ORACLE_MODULE } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  const p = vmalloc(8192);
  spin_lock(l);
  vfree(p);
  spin_unlock(l);
  return 0;
}

ORACLE_MODULE(run);
