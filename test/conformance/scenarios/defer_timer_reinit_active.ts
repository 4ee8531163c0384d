// scenario: defer_timer_reinit_active
// family: defer
// context: process
// what: timer_setup of a pending timer
import { HZ, jiffies } from 'ringzero/linux/jiffies';
import { DEFINE_TIMER, del_timer_sync, mod_timer, timer_setup } from 'ringzero/linux/timer';
import { ORACLE_MODULE } from './oracle.js';

const cb = (): void => undefined;
const t = DEFINE_TIMER('t', cb);

function run(): number {
  mod_timer(t, jiffies + 10 * HZ);
  timer_setup(t, cb, 0);
  del_timer_sync(t);
  return 0;
}

ORACLE_MODULE(run);
