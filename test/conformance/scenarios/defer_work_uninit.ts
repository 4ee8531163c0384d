// scenario: defer_work_uninit
// family: defer
// context: process
// what: schedule_work of zeroed memory, never INIT_WORK'ed
import { msleep } from 'ringzero/linux/delay';
import { GFP_KERNEL, kzalloc } from 'ringzero/linux/slab';
import { sizeof } from 'ringzero/linux/types';
import { schedule_work, work_struct } from 'ringzero/linux/workqueue';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  const w = kzalloc(sizeof(work_struct), GFP_KERNEL)!;
  schedule_work(w);
  msleep(50);
  return 0;
}

ORACLE_MODULE(run);
