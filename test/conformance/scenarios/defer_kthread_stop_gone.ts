// scenario: defer_kthread_stop_gone
// family: defer
// context: process
// what: kthread_stop of a kthread that has already ended
import { msleep } from 'ringzero/linux/delay';
import { IS_ERR } from 'ringzero/linux/err';
import { EIO } from 'ringzero/linux/errno';
import { kthread_run, kthread_stop } from 'ringzero/linux/kthread';
import { synchronize_rcu } from 'ringzero/linux/rcupdate';
import { ORACLE_MODULE } from './oracle.js';

const t = (): number => 0;

function run(): number {
  const k = kthread_run(t, null, 'orc');
  if (IS_ERR(k)) return -EIO;
  msleep(300);
  synchronize_rcu();
  msleep(300);
  kthread_stop(k);
  return 0;
}

ORACLE_MODULE(run);
