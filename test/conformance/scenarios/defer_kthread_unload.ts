// scenario: defer_kthread_unload
// family: defer
// context: module exit
// what: module goes while its kthread sleeps in module code
import { msleep } from 'ringzero/linux/delay';
import { kthread_run } from 'ringzero/linux/kthread';
import { ORACLE_MODULE } from './oracle.js';

function t(): number {
  for (let i = 0; i < 20; i++) msleep(100);
  return 0;
}

function run(): number {
  kthread_run(t, null, 'orc');
  return 0;
}

ORACLE_MODULE(run);
