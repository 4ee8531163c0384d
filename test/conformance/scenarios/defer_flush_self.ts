// scenario: defer_flush_self
// family: defer
// context: workqueue
// what: flush_work of a work item from itself
import { msleep } from 'ringzero/linux/delay';
import { DECLARE_WORK, flush_work, schedule_work } from 'ringzero/linux/workqueue';
import { ORACLE_MODULE } from './oracle.js';

const k = DECLARE_WORK('k', () => {
  flush_work(k);
});

function run(): number {
  schedule_work(k);
  msleep(20000);
  return 0;
}

ORACLE_MODULE(run);
