// scenario: sleep_sync_rcu_rcu
// family: sleep
// context: rcu
// what: synchronize_rcu inside rcu_read_lock
import { rcu_read_lock, rcu_read_unlock, synchronize_rcu } from 'ringzero/linux/rcupdate';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  rcu_read_lock();
  synchronize_rcu();
  rcu_read_unlock();
  return 0;
}

ORACLE_MODULE(run);
