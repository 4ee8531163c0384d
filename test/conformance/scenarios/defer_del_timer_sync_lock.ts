// scenario: defer_del_timer_sync_lock
// family: defer
// context: spinlock
// what: del_timer_sync under the lock that the callback takes
import { msleep } from 'ringzero/linux/delay';
import { jiffies } from 'ringzero/linux/jiffies';
import { DEFINE_SPINLOCK, spin_lock, spin_lock_bh, spin_unlock, spin_unlock_bh } from 'ringzero/linux/spinlock';
import { DEFINE_TIMER, del_timer_sync, mod_timer } from 'ringzero/linux/timer';
import { ORACLE_MODULE } from './oracle.js';

const l = DEFINE_SPINLOCK('l');
const t = DEFINE_TIMER('t', () => {
  spin_lock(l);
  spin_unlock(l);
});

function run(): number {
  mod_timer(t, jiffies + 1);
  msleep(100);
  spin_lock_bh(l);
  del_timer_sync(t);
  spin_unlock_bh(l);
  return 0;
}

ORACLE_MODULE(run);
