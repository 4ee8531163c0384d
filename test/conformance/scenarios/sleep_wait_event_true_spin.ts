// scenario: sleep_wait_event_true_spin
// family: sleep
// context: spinlock
// what: wait_event whose condition is already true, under a spinlock
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { DECLARE_WAIT_QUEUE_HEAD, wait_event } from 'ringzero/linux/wait';
import { ORACLE_MODULE } from './oracle.js';

const q = DECLARE_WAIT_QUEUE_HEAD('q');
const l = DEFINE_SPINLOCK('l');
const c = { value: true };

function run(): number {
  spin_lock(l);
  wait_event(q, () => c.value);
  spin_unlock(l);
  return 0;
}

ORACLE_MODULE(run);
