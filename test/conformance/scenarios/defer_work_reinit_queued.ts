// scenario: defer_work_reinit_queued
// family: defer
// context: process
// what: INIT_WORK of a queued work
import { msleep } from 'ringzero/linux/delay';
import { preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { raw_smp_processor_id } from 'ringzero/linux/smp';
import { DECLARE_WORK, INIT_WORK, schedule_work_on } from 'ringzero/linux/workqueue';
import { ORACLE_MODULE } from './oracle.js';

const w = (): void => undefined;
const k = DECLARE_WORK('k', w);

function run(): number {
  preempt_disable();
  schedule_work_on(raw_smp_processor_id(), k);
  INIT_WORK(k, w);
  preempt_enable();
  msleep(50);
  return 0;
}

ORACLE_MODULE(run);
