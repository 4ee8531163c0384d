// scenario: sleep_sync_rcu_spin
// family: sleep
// context: spinlock
// what: synchronize_rcu under a spinlock
import { synchronize_rcu } from 'ringzero/linux/rcupdate';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  spin_lock(l);
  synchronize_rcu();
  spin_unlock(l);
  return 0;
}

ORACLE_MODULE(run);
