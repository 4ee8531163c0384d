/** Every context that code can run in, and how to get there. */
import type { Machine } from 'ringzero';
import { local_bh_disable, local_bh_enable } from 'ringzero/linux/bottom_half';
import { msleep } from 'ringzero/linux/delay';
import {
  BLOCK_SOFTIRQ, DECLARE_TASKLET, IRQ_HANDLED, irq_set_irqchip_state, IRQ_WAKE_THREAD, IRQCHIP_STATE_PENDING, IRQF_ONESHOT, open_softirq, raise_softirq,
  request_irq, request_threaded_irq, tasklet_schedule,
} from 'ringzero/linux/interrupt';
import { local_irq_disable, local_irq_enable, local_irq_restore, local_irq_save } from 'ringzero/linux/irqflags';
import { jiffies } from 'ringzero/linux/jiffies';
import { kthread_run } from 'ringzero/linux/kthread';
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { rcu_read_lock, rcu_read_unlock } from 'ringzero/linux/rcupdate';
import { non_block_end, non_block_start } from 'ringzero/linux/sched';
import {
  DEFINE_RWLOCK, DEFINE_SPINLOCK, read_lock, read_unlock, spin_lock, spin_lock_bh, spin_lock_irq, spin_lock_irqsave, spin_unlock, spin_unlock_bh,
  spin_unlock_irq, spin_unlock_irqrestore, write_lock, write_unlock,
} from 'ringzero/linux/spinlock';
import { DEFINE_TIMER, mod_timer } from 'ringzero/linux/timer';
import { DECLARE_WORK, schedule_work } from 'ringzero/linux/workqueue';

export interface Context {
  readonly name: string;
  /** Runs `f` there, and returns when it has. */
  readonly enter: (machine: Machine, f: () => void) => void;
  /** What the report says of it; null where code may sleep. */
  readonly report: { readonly in_atomic: 0 | 1; readonly irqs_disabled: 0 | 1; readonly non_block?: 1; readonly rcu?: 1 } | null;
}

/** A context that code of a task puts itself into. */
function within(name: string, report: Context['report'], enter: (f: () => void) => void): Context {
  return {
    name,
    report,
    enter: (machine, f) => {
      machine.run(() => {
        enter(f);
      });
    },
  };
}

/** A context that the task starts, and that runs by itself. */
function beside(name: string, report: Context['report'], start: (f: () => void) => void): Context {
  return within(name, report, (f) => {
    start(f);
    msleep(50);
  });
}

/** A context that an interrupt of line 5 brings. */
function interrupt(name: string, report: Context['report'], request: (f: () => void) => void): Context {
  return {
    name,
    report,
    enter: (machine, f) => {
      machine.run(() => {
        request(f);
      });
      machine.raise(5);
      // What the interrupt has left to others may take its time.
      machine.advance(50_000_000);
    },
  };
}

const ATOMIC = { in_atomic: 1, irqs_disabled: 0 } as const;
const ATOMIC_IRQS_OFF = { in_atomic: 1, irqs_disabled: 1 } as const;

function handle(f: () => void): () => typeof IRQ_HANDLED {
  return () => {
    f();
    return IRQ_HANDLED;
  };
}

export const contexts: readonly Context[] = [
  within('process', null, (f) => {
    f();
  }),
  within('under a mutex', null, (f) => {
    const m = DEFINE_MUTEX('m');
    mutex_lock(m);
    f();
    mutex_unlock(m);
  }),
  beside('a kernel thread', null, (f) => {
    kthread_run(() => (f(), 0), null, 'thread');
  }),
  beside('a work queue', null, (f) => {
    schedule_work(DECLARE_WORK('work', f));
  }),
  interrupt('a threaded interrupt', null, (f) => {
    request_threaded_irq(5, () => IRQ_WAKE_THREAD, handle(f), IRQF_ONESHOT, 'dev', f);
  }),
  within('under spin_lock', ATOMIC, (f) => {
    const l = DEFINE_SPINLOCK('l');
    spin_lock(l);
    f();
    spin_unlock(l);
  }),
  within('under spin_lock_bh', ATOMIC, (f) => {
    const l = DEFINE_SPINLOCK('l');
    spin_lock_bh(l);
    f();
    spin_unlock_bh(l);
  }),
  within('under spin_lock_irq', ATOMIC_IRQS_OFF, (f) => {
    const l = DEFINE_SPINLOCK('l');
    spin_lock_irq(l);
    f();
    spin_unlock_irq(l);
  }),
  within('under spin_lock_irqsave', ATOMIC_IRQS_OFF, (f) => {
    const l = DEFINE_SPINLOCK('l');
    const flags = spin_lock_irqsave(l);
    f();
    spin_unlock_irqrestore(l, flags);
  }),
  within('under read_lock', ATOMIC, (f) => {
    const l = DEFINE_RWLOCK('l');
    read_lock(l);
    f();
    read_unlock(l);
  }),
  within('under write_lock', ATOMIC, (f) => {
    const l = DEFINE_RWLOCK('l');
    write_lock(l);
    f();
    write_unlock(l);
  }),
  within('after a spinlock was given back', null, (f) => {
    const l = DEFINE_SPINLOCK('l');
    spin_lock(l);
    spin_unlock(l);
    f();
  }),
  within('preemption off', ATOMIC, (f) => {
    preempt_disable();
    f();
    preempt_enable();
  }),
  within('softirqs off', ATOMIC, (f) => {
    local_bh_disable();
    f();
    local_bh_enable();
  }),
  within('interrupts off', { in_atomic: 0, irqs_disabled: 1 }, (f) => {
    local_irq_disable();
    f();
    local_irq_enable();
  }),
  within('interrupts off and saved', { in_atomic: 0, irqs_disabled: 1 }, (f) => {
    const flags = local_irq_save();
    f();
    local_irq_restore(flags);
  }),
  within('under rcu_read_lock', { in_atomic: 0, irqs_disabled: 0, rcu: 1 }, (f) => {
    rcu_read_lock();
    f();
    rcu_read_unlock();
  }),
  within('a non_block section', { in_atomic: 0, irqs_disabled: 0, non_block: 1 }, (f) => {
    non_block_start();
    f();
    non_block_end();
  }),
  interrupt('a hard interrupt of an idle CPU', ATOMIC_IRQS_OFF, (f) => {
    request_irq(5, handle(f), 0, 'dev', f);
  }),
  within('a hard interrupt on top of a task', ATOMIC_IRQS_OFF, (f) => {
    request_irq(5, handle(f), 0, 'dev', f);
    irq_set_irqchip_state(5, IRQCHIP_STATE_PENDING, true);
    msleep(1);
  }),
  beside('a softirq', ATOMIC, (f) => {
    open_softirq(BLOCK_SOFTIRQ, f);
    raise_softirq(BLOCK_SOFTIRQ);
  }),
  interrupt('a softirq after a hard interrupt', ATOMIC, (f) => {
    open_softirq(BLOCK_SOFTIRQ, f);
    request_irq(5, handle(() => {
      raise_softirq(BLOCK_SOFTIRQ);
    }), 0, 'dev', f);
  }),
  beside('a tasklet', ATOMIC, (f) => {
    tasklet_schedule(DECLARE_TASKLET('tasklet', f));
  }),
  beside('a timer', ATOMIC, (f) => {
    mod_timer(DEFINE_TIMER('timer', f), jiffies + 1);
  }),
];

export const sleepable = contexts.filter(({ report }) => report === null);
export const atomic = contexts.filter(({ report }) => report !== null);
