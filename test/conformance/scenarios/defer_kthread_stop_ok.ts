// scenario: defer_kthread_stop_ok
// family: defer
// context: kthread
// what: kthread with kthread_should_stop, kthread_stop
import { msleep } from 'ringzero/linux/delay';
import { IS_ERR } from 'ringzero/linux/err';
import { EIO } from 'ringzero/linux/errno';
import { kthread_run, kthread_should_stop, kthread_stop } from 'ringzero/linux/kthread';
import { ORACLE_MODULE, say } from './oracle.js';

function t(): number {
  while (!kthread_should_stop()) msleep(5);
  return 3;
}

function run(): number {
  const k = kthread_run(t, null, 'orc');
  if (IS_ERR(k)) return -EIO;
  msleep(20);
  say('kthread_stop %d', kthread_stop(k));
  return 0;
}

ORACLE_MODULE(run);
