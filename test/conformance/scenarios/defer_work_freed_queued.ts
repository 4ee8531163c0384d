// scenario: defer_work_freed_queued
// family: defer
// context: process
// what: kfree of an object whose work is queued
import { msleep } from 'ringzero/linux/delay';
import { preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { raw_smp_processor_id } from 'ringzero/linux/smp';
import { sizeof, struct } from 'ringzero/linux/types';
import { INIT_WORK, schedule_work_on, work_struct } from 'ringzero/linux/workqueue';
import { ORACLE_MODULE } from './oracle.js';

const s = struct('s', { w: work_struct });

function run(): number {
  const p = kmalloc(sizeof(s), GFP_KERNEL)!;
  INIT_WORK(s.at(p).w, () => undefined);
  preempt_disable();
  schedule_work_on(raw_smp_processor_id(), s.at(p).w);
  kfree(p);
  preempt_enable();
  msleep(50);
  return 0;
}

ORACLE_MODULE(run);
