// scenario: defer_timer_freed_active
// family: defer
// context: process
// what: kfree of an object with a pending timer
import { HZ, jiffies } from 'ringzero/linux/jiffies';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { mod_timer, timer_list, timer_setup } from 'ringzero/linux/timer';
import { sizeof, struct } from 'ringzero/linux/types';
import { ORACLE_MODULE } from './oracle.js';

const s = struct('s', { t: timer_list });
const cb = (): void => undefined;

function run(): number {
  const p = kmalloc(sizeof(s), GFP_KERNEL)!;
  timer_setup(s.at(p).t, cb, 0);
  mod_timer(s.at(p).t, jiffies + 10 * HZ);
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
