// scenario: defer_work_hog
// family: defer
// context: workqueue
// what: work item that loops 35 s without rescheduling
import { ktime_get } from 'ringzero/linux/ktime';
import { cpu_relax } from 'ringzero/linux/processor';
import { DECLARE_WORK, flush_work, schedule_work } from 'ringzero/linux/workqueue';
import { ORACLE_MODULE } from './oracle.js';

const k = DECLARE_WORK('k', () => {
  const e = ktime_get() + 18_000_000_000;
  while (ktime_get() < e) cpu_relax();
});

function run(): number {
  schedule_work(k);
  flush_work(k);
  return 0;
}

ORACLE_MODULE(run);
