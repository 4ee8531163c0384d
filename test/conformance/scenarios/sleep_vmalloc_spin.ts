// scenario: sleep_vmalloc_spin
// family: sleep
// context: spinlock
// what: vmalloc under a spinlock
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { vfree, vmalloc } from 'ringzero/linux/vmalloc';
import { ORACLE_MODULE } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  spin_lock(l);
  const p = vmalloc(8192);
  spin_unlock(l);
  vfree(p);
  return 0;
}

ORACLE_MODULE(run);
