// scenario: defer_timer_uninit
// family: defer
// context: process
// what: mod_timer of a zeroed, never set up timer
import { msleep } from 'ringzero/linux/delay';
import { HZ, jiffies } from 'ringzero/linux/jiffies';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { del_timer_sync, mod_timer, timer_list } from 'ringzero/linux/timer';
import { sizeof } from 'ringzero/linux/types';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const t = kzalloc(sizeof(timer_list), GFP_KERNEL)!;
  mod_timer(t, jiffies + HZ);
  msleep(50);
  del_timer_sync(t);
  kfree(t);
  return 0;
}

ORACLE_MODULE(run);
