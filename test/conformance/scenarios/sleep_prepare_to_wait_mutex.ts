// scenario: sleep_prepare_to_wait_mutex
// family: sleep
// context: TASK_INTERRUPTIBLE
// what: mutex_lock between prepare_to_wait and schedule
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { TASK_INTERRUPTIBLE } from 'ringzero/linux/sched';
import { DECLARE_WAIT_QUEUE_HEAD, DEFINE_WAIT, finish_wait, prepare_to_wait } from 'ringzero/linux/wait';
import { ORACLE_MODULE } from './oracle.js';

const q = DECLARE_WAIT_QUEUE_HEAD('q');
const m = DEFINE_MUTEX('m');

function run(): number {
  const w = DEFINE_WAIT();
  prepare_to_wait(q, w, TASK_INTERRUPTIBLE);
  mutex_lock(m);
  mutex_unlock(m);
  finish_wait(q, w);
  return 0;
}

ORACLE_MODULE(run);
