// scenario: sleep_mutex_preemptoff
// family: sleep
// context: preempt off
// what: mutex_lock with preemption disabled
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { ORACLE_MODULE } from './oracle.js';

const m = DEFINE_MUTEX('m');

function run(): number {
  preempt_disable();
  mutex_lock(m);
  mutex_unlock(m);
  preempt_enable();
  return 0;
}

ORACLE_MODULE(run);
