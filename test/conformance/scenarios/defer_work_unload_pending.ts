// scenario: defer_work_unload_pending
// family: defer
// context: module exit
// what: module goes with its delayed work pending (0.5 s)
import { HZ } from 'ringzero/linux/jiffies';
import { DECLARE_DELAYED_WORK, schedule_delayed_work } from 'ringzero/linux/workqueue';
import { ORACLE_MODULE } from './oracle.js';

const d = DECLARE_DELAYED_WORK('d', () => undefined);

function run(): number {
  return 0;
}

function stop(): void {
  schedule_delayed_work(d, HZ / 2);
}

ORACLE_MODULE(run, stop);
