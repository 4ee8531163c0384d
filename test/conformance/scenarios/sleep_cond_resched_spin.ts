// scenario: sleep_cond_resched_spin
// family: sleep
// context: spinlock
// what: cond_resched under a spinlock
import { cond_resched } from 'ringzero/linux/sched';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  spin_lock(l);
  cond_resched();
  spin_unlock(l);
  return 0;
}

ORACLE_MODULE(run);
