/** The same rule for everything else that may sleep. */
import { expect, test } from 'ringzero/vitest';
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { msleep } from 'ringzero/linux/delay';
import { DEFINE_MUTEX, mutex_lock, mutex_trylock, mutex_unlock } from 'ringzero/linux/mutex';
import { synchronize_rcu } from 'ringzero/linux/rcupdate';
import { cond_resched, might_sleep, schedule } from 'ringzero/linux/sched';
import { DEFINE_SEMAPHORE, down, up } from 'ringzero/linux/semaphore';
import { DECLARE_WAIT_QUEUE_HEAD, wait_event } from 'ringzero/linux/wait';
import { DECLARE_WORK, flush_work } from 'ringzero/linux/workqueue';
import { atomic, sleepable } from './contexts.js';

/** None of them has anything to wait for, but for msleep(). */
const sleepers: Readonly<Record<string, () => void>> = {
  might_sleep: () => {
    might_sleep();
  },
  mutex_lock: () => {
    const m = DEFINE_MUTEX('m');
    mutex_lock(m);
    mutex_unlock(m);
  },
  wait_for_completion: () => {
    const c = DECLARE_COMPLETION('c');
    complete(c);
    wait_for_completion(c);
  },
  wait_event: () => {
    wait_event(DECLARE_WAIT_QUEUE_HEAD('q'), () => true);
  },
  flush_work: () => {
    flush_work(DECLARE_WORK('w', () => undefined));
  },
  down: () => {
    const s = DEFINE_SEMAPHORE('s');
    down(s);
    up(s);
  },
  cond_resched: () => {
    cond_resched();
  },
  synchronize_rcu: () => {
    synchronize_rcu();
  },
};

/** Those that are not asked beforehand. */
const switchers: Readonly<Record<string, () => void>> = {
  msleep: () => {
    msleep(1);
  },
  schedule: () => {
    schedule();
  },
};

const SLEEPING = 'BUG: sleeping function called from invalid context';
const ATOMIC = 'BUG: scheduling while atomic';

for (const context of sleepable) {
  test.describe(context.name, () => {
    for (const [name, sleep] of Object.entries({ ...sleepers, ...switchers })) {
      test(`${name}() is silent`, ({ machine }) => {
        let done = false;
        context.enter(machine, () => {
          sleep();
          done = true;
        });
        expect(machine.headlines()).toEqual([]);
        expect(done).toBe(true);
      });
    }
  });
}

for (const context of atomic) {
  test.describe(context.name, () => {
    for (const [name, sleep] of Object.entries(sleepers)) {
      // It would wait for itself, and says so first.
      const deadlocks = name === 'synchronize_rcu' && context.report?.rcu === 1;
      test(`${name}() panics`, ({ machine }) => {
        if (deadlocks) machine.expectReport('suspicious RCU usage');
        expect(() => {
          context.enter(machine, sleep);
        }).toPanic(SLEEPING);
        expect(machine.headlines()[0]).toMatch(deadlocks ? /^WARNING: suspicious RCU usage/ : new RegExp(`^${SLEEPING}`));
      });
    }

    test('mutex_trylock() says nothing of sleeping', ({ machine }) => {
      context.enter(machine, () => {
        const m = DEFINE_MUTEX('m');
        if (mutex_trylock(m) !== 0) mutex_unlock(m);
      });
      expect(machine.headlines().filter((headline) => headline.startsWith(SLEEPING))).toEqual([]);
    });
  });
}

/** msleep() has no might_sleep(): it is schedule() that finds out, by preempt_count alone. */
test.describe('msleep()', () => {
  const nap = switchers['msleep']!;
  for (const context of atomic) {
    if (context.report!.in_atomic === 0) continue;
    test(`${context.name}: scheduling while atomic`, ({ machine }) => {
      expect(() => {
        context.enter(machine, nap);
      }).toPanic(ATOMIC);
      expect(machine.headlines()[0]).toMatch(new RegExp(`^${ATOMIC}`));
    });
  }

  test.for(['interrupts off', 'interrupts off and saved'])('%s: nothing is said, and interrupts come back enabled', (name, { machine }) => {
    if (name === 'interrupts off and saved') machine.expectReport('raw_local_irq_restore() called with IRQs enabled');
    atomic.find((context) => context.name === name)!.enter(machine, nap);
    expect(machine.headlines().filter((headline) => headline.startsWith('BUG'))).toEqual([]);
  });

  test('under rcu_read_lock a voluntary switch is a warning', ({ machine }) => {
    const rcu = atomic.find(({ name }) => name === 'under rcu_read_lock')!;
    rcu.enter(machine, nap);
    expect(machine).toHaveWarned('Voluntary context switch within RCU read-side critical section!');
  });
});
