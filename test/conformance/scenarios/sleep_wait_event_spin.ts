// scenario: sleep_wait_event_spin
// family: sleep
// context: spinlock
// what: wait_event_timeout (condition false) under a spinlock
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { DECLARE_WAIT_QUEUE_HEAD, wait_event_timeout } from 'ringzero/linux/wait';
import { ORACLE_MODULE } from './oracle.js';

const q = DECLARE_WAIT_QUEUE_HEAD('q');
const l = DEFINE_SPINLOCK('l');
const c = { value: false };

function run(): number {
  spin_lock(l);
  wait_event_timeout(q, () => c.value, 2);
  spin_unlock(l);
  return 0;
}

ORACLE_MODULE(run);
