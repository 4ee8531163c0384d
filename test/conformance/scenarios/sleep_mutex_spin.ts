// scenario: sleep_mutex_spin
// family: sleep
// context: spinlock
// what: uncontended mutex_lock under a spinlock
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE } from './oracle.js';

const m = DEFINE_MUTEX('m');
const l = DEFINE_SPINLOCK('l');

function run(): number {
  spin_lock(l);
  mutex_lock(m);
  mutex_unlock(m);
  spin_unlock(l);
  return 0;
}

ORACLE_MODULE(run);
