// scenario: sleep_msleep_spin
// family: sleep
// context: spinlock
// what: msleep under a spinlock
import { msleep } from 'ringzero/linux/delay';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE } from './oracle.js';

const l = DEFINE_SPINLOCK('l');

function run(): number {
  spin_lock(l);
  msleep(10);
  spin_unlock(l);
  return 0;
}

ORACLE_MODULE(run);
