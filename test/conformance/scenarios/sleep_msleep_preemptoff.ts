// scenario: sleep_msleep_preemptoff
// family: sleep
// context: preempt off
// what: msleep with preemption disabled
import { msleep } from 'ringzero/linux/delay';
import { preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { ORACLE_MODULE } from './oracle.js';

function run(): number {
  preempt_disable();
  msleep(10);
  preempt_enable();
  return 0;
}

ORACLE_MODULE(run);
