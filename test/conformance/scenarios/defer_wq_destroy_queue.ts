// scenario: defer_wq_destroy_queue
// family: defer
// context: process
// what: queue_work on a destroyed workqueue
import { alloc_workqueue, DECLARE_WORK, destroy_workqueue, queue_work } from 'ringzero/linux/workqueue';
import { ORACLE_MODULE } from './oracle.js';

const k = DECLARE_WORK('k', () => undefined);

function run(): number {
  const q = alloc_workqueue('orc', 0, 0);
  queue_work(q, k);
  destroy_workqueue(q);
  queue_work(q, k);
  return 0;
}

ORACLE_MODULE(run);
