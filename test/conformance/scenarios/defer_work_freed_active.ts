// scenario: defer_work_freed_active
// family: defer
// context: process
// what: kfree of an object whose delayed work is pending
import { HZ } from 'ringzero/linux/jiffies';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { sizeof, struct } from 'ringzero/linux/types';
import { delayed_work, INIT_DELAYED_WORK, schedule_delayed_work } from 'ringzero/linux/workqueue';
import { ORACLE_MODULE } from './oracle.js';

const s = struct('s', { d: delayed_work });

function run(): number {
  const p = kmalloc(sizeof(s), GFP_KERNEL)!;
  INIT_DELAYED_WORK(s.at(p).d, () => undefined);
  schedule_delayed_work(s.at(p).d, 10 * HZ);
  kfree(p);
  return 0;
}

ORACLE_MODULE(run);
