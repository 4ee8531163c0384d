// scenario: ctx_report
// family: context
// context: all
// what: what in_hardirq/in_serving_softirq/in_task/in_atomic/irqs_disabled/preempt_count say in each context
import { local_bh_disable, local_bh_enable } from 'ringzero/linux/bottom_half';
import { irqs_disabled, local_irq_disable, local_irq_enable } from 'ringzero/linux/irqflags';
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { in_atomic, in_hardirq, in_interrupt, in_serving_softirq, in_softirq, in_task, preempt_count, preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { rcu_read_lock, rcu_read_unlock } from 'ringzero/linux/rcupdate';
import { current } from 'ringzero/linux/sched';
import { DEFINE_SPINLOCK, spin_lock, spin_lock_bh, spin_lock_irqsave, spin_unlock, spin_unlock_bh, spin_unlock_irqrestore } from 'ringzero/linux/spinlock';
import { ORACLE_MODULE, orc_in_hardirq, orc_in_kthread, orc_in_tasklet, orc_in_threadirq, orc_in_timer, orc_in_work, say } from './oracle.js';

const l = DEFINE_SPINLOCK('l');
const m = DEFINE_MUTEX('m');
let w = '';

function f(): void {
  say(
    'ctx %-14s in_hardirq=%d in_serving_softirq=%d in_softirq=%d in_interrupt=%d in_task=%d in_atomic=%d irqs_disabled=%d preempt_count=%08x comm=%s',
    w,
    in_hardirq(),
    in_serving_softirq(),
    in_softirq(),
    in_interrupt(),
    in_task(),
    in_atomic(),
    irqs_disabled(),
    preempt_count(),
    current.comm,
  );
}

function run(): number {
  w = 'process';
  f();
  w = 'spin_lock';
  spin_lock(l);
  f();
  spin_unlock(l);
  w = 'spin_irqsave';
  const fl = spin_lock_irqsave(l);
  f();
  spin_unlock_irqrestore(l, fl);
  w = 'spin_lock_bh';
  spin_lock_bh(l);
  f();
  spin_unlock_bh(l);
  w = 'preempt_off';
  preempt_disable();
  f();
  preempt_enable();
  w = 'irq_off';
  local_irq_disable();
  f();
  local_irq_enable();
  w = 'bh_off';
  local_bh_disable();
  f();
  local_bh_enable();
  w = 'rcu';
  rcu_read_lock();
  f();
  rcu_read_unlock();
  w = 'mutex';
  mutex_lock(m);
  f();
  mutex_unlock(m);
  w = 'hardirq';
  orc_in_hardirq(f);
  w = 'threadirq';
  orc_in_threadirq(f);
  w = 'timer';
  orc_in_timer(f);
  w = 'tasklet';
  orc_in_tasklet(f);
  w = 'work';
  orc_in_work(f);
  w = 'kthread';
  orc_in_kthread(f);
  return 0;
}

ORACLE_MODULE(run);
