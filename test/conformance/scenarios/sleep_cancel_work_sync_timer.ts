// scenario: sleep_cancel_work_sync_timer
// family: sleep
// context: softirq
// what: cancel_work_sync of an idle work in a timer callback
import { cancel_work_sync, DECLARE_WORK } from 'ringzero/linux/workqueue';
import { ORACLE_MODULE, orc_in_timer } from './oracle.js';

const wk = DECLARE_WORK('wk', () => undefined);

function f(): void {
  cancel_work_sync(wk);
}

function run(): number {
  return orc_in_timer(f);
}

ORACLE_MODULE(run);
