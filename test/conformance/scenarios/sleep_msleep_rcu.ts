// scenario: sleep_msleep_rcu
// family: sleep
// context: rcu
// what: msleep inside rcu_read_lock
import { msleep } from 'ringzero/linux/delay';
import { rcu_read_lock, rcu_read_unlock } from 'ringzero/linux/rcupdate';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  rcu_read_lock();
  msleep(10);
  rcu_read_unlock();
  return 0;
}

ORACLE_MODULE(run);
