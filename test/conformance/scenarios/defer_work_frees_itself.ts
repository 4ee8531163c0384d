// scenario: defer_work_frees_itself
// family: defer
// context: workqueue
// what: a work item that kfrees its own object
import { container_of } from 'ringzero/linux/container_of';
import { msleep } from 'ringzero/linux/delay';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { sizeof, struct } from 'ringzero/linux/types';
import { INIT_WORK, schedule_work, work_struct } from 'ringzero/linux/workqueue';
import { ORACLE_MODULE } from './oracle.js';

const s = struct('s', { w: work_struct });

function run(): number {
  const p = kmalloc(sizeof(s), GFP_KERNEL)!;
  INIT_WORK(s.at(p).w, (x) => {
    kfree(container_of(x, s, 'w'));
  });
  schedule_work(s.at(p).w);
  msleep(50);
  return 0;
}

ORACLE_MODULE(run);
