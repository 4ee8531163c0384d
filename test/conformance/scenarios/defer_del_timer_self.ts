// scenario: defer_del_timer_self
// family: defer
// context: softirq
// what: del_timer (not sync) of the timer from its own callback
import { msleep } from 'ringzero/linux/delay';
import { jiffies } from 'ringzero/linux/jiffies';
import { DEFINE_TIMER, del_timer, del_timer_sync, mod_timer } from 'ringzero/linux/timer';
import { ORACLE_MODULE } from './oracle.js';

const t = DEFINE_TIMER('t', () => {
  del_timer(t);
});

function run(): number {
  mod_timer(t, jiffies + 1);
  msleep(200);
  del_timer_sync(t);
  return 0;
}

ORACLE_MODULE(run);
