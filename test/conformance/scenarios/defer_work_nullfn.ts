// scenario: defer_work_nullfn
// family: defer
// context: process
// what: INIT_WORK with function NULL, then schedule_work
import { msleep } from 'ringzero/linux/delay';
import { DECLARE_WORK, INIT_WORK, schedule_work } from 'ringzero/linux/workqueue';
import { ORACLE_MODULE } from './oracle.js';

const w = DECLARE_WORK('w', () => undefined);

function run(): number {
  INIT_WORK(w, null);
  schedule_work(w);
  msleep(100);
  return 0;
}

ORACLE_MODULE(run);
