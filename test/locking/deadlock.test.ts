import { afterEach, expect, test } from 'vitest';
import { boot, explore, ExplorationFailure, type Machine } from 'ringzero';
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { msleep } from 'ringzero/linux/delay';
import { kthread_run, kthread_should_stop, kthread_stop } from 'ringzero/linux/kthread';
import { DEFINE_MUTEX, mutex_lock, mutex_lock_interruptible, mutex_unlock } from 'ringzero/linux/mutex';
import { DECLARE_RWSEM, down_read, down_write, up_read } from 'ringzero/linux/rwsem';
import { DEFINE_SEMAPHORE, down, up } from 'ringzero/linux/semaphore';

let machine: Machine;
afterEach(() => { machine.powerOff(); });

/** Two threads that take two locks in opposite orders, a while apart. */
function abba(take: readonly [() => void, () => void], leave: readonly [() => void, () => void]): () => void {
  const thread = (first: 0 | 1) => () => {
    take[first]();
    msleep(10);
    take[1 - first as 0 | 1]();
    leave[1 - first as 0 | 1]();
    leave[first]();
    return 0;
  };
  return () => {
    kthread_run(thread(0), null, 'one');
    kthread_run(thread(1), null, 'two');
  };
}

const module = `
import { msleep } from 'ringzero/linux/delay';
import { kthread_run } from 'ringzero/linux/kthread';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
const a = DEFINE_MUTEX('a');
const b = DEFINE_MUTEX('b');
function one() {
  mutex_lock(a);
  msleep(10);
  mutex_lock(b);
  mutex_unlock(b);
  mutex_unlock(a);
  return 0;
}
function two() {
  mutex_lock(b);
  msleep(10);
  mutex_lock(a);
  mutex_unlock(a);
  mutex_unlock(b);
  return 0;
}
module_init(() => { kthread_run(one, null, 'one'); kthread_run(two, null, 'two'); return 0; });
module_exit(() => undefined);
MODULE_LICENSE('GPL');
`;

test.each([1, 2])('two threads, two mutexes, %i CPU(s): what each waits for, who holds it, and both places', (cpus) => {
  machine = boot({ cpus });
  machine.insmod({ name: 'abba', source: module });
  expect(() => { machine.advance(1e9); }).toThrow(/BUG: deadlock: (one\/\d+ and two|two\/\d+ and one)\/\d+ wait for each other/);
  const report = machine.report();
  expect(report).toMatch(/one\/\d+ waits for mutex b, which two\/\d+ holds\.\nWaits at:\n one {2}abba\.ts:11:\d+ \[abba\]\nAcquired at:\n two {2}abba\.ts:17:\d+ \[abba\]/);
  expect(report).toMatch(/two\/\d+ waits for mutex a, which one\/\d+ holds\.\nWaits at:\n two {2}abba\.ts:19:\d+ \[abba\]\nAcquired at:\n one {2}abba\.ts:9:\d+ \[abba\]/);
  expect(machine.now()).toBeLessThan(100e6);
});

test('readers and writers', () => {
  machine = boot();
  const start = machine.run(() => {
    const m = DEFINE_MUTEX('m');
    const s = DECLARE_RWSEM('s');
    return () => {
      kthread_run(() => { down_read(s); msleep(10); mutex_lock(m); mutex_unlock(m); up_read(s); return 0; }, null, 'one');
      kthread_run(() => { mutex_lock(m); msleep(10); down_read(s); up_read(s); mutex_unlock(m); return 0; }, null, 'two');
    };
  });
  machine.run(start);
  // A reader waits for nobody where all read.
  machine.advance(1e9);
  expect(() => {
    machine.run(() => {
      const s = DECLARE_RWSEM('s');
      const t = DECLARE_RWSEM('t');
      kthread_run(() => { down_read(s); msleep(10); down_write(t); return 0; }, null, 'one');
      kthread_run(() => { down_read(t); msleep(10); down_write(s); return 0; }, null, 'two');
    });
    machine.advance(1e9);
  }).toThrow(/BUG: deadlock: .* wait for each other/);
});

test('a thread is stopped under the lock that it waits for', () => {
  machine = boot();
  const stop = (): void => {
    machine.run(() => {
      const m = DEFINE_MUTEX('m');
      const thread = kthread_run(() => {
        while (!kthread_should_stop()) {
          msleep(5);
          mutex_lock(m);
          mutex_unlock(m);
        }
        return 0;
      }, null, 'poller');
      msleep(7);
      mutex_lock(m);
      kthread_stop(thread);
      mutex_unlock(m);
    }, 'rmmod');
  };
  expect(stop).toThrow(/BUG: deadlock: .*poller\/\d+/);
  expect(machine.report()).toMatch(/rmmod\/\d+ waits for kthread_stop\(poller\): for poller\/\d+ to end\./);
});

test('what somebody else can end is no deadlock', () => {
  machine = boot();
  machine.run(() => {
    const m = DEFINE_MUTEX('m');
    const done = DECLARE_COMPLETION('done');
    const s = DEFINE_SEMAPHORE('s');
    kthread_run(() => { mutex_lock(m); wait_for_completion(done); mutex_unlock(m); return 0; }, null, 'holder');
    kthread_run(() => { mutex_lock(m); mutex_unlock(m); return 0; }, null, 'waiter');
    // A semaphore has no holder: anybody may go up().
    kthread_run(() => { down(s); msleep(10); mutex_lock(m); mutex_unlock(m); up(s); return 0; }, null, 'taker');
    kthread_run(() => { down(s); up(s); return 0; }, null, 'next');
    msleep(50);
    complete(done);
    msleep(50);
  });
  machine.run(() => {
    const a = DEFINE_MUTEX('a');
    const b = DEFINE_MUTEX('b');
    // A signal may end one of the waits.
    abba([() => { mutex_lock(a); }, () => mutex_lock_interruptible(b)], [() => { mutex_unlock(a); }, () => { mutex_unlock(b); }])();
  });
  machine.advance(1e9);
  expect(machine.headlines()).toEqual([]);
});

test('an exploration fails in the schedule where it happens', () => {
  machine = boot();
  let failure: unknown;
  try {
    explore({ schedules: 500 }, (one) => {
      one.insmod({ name: 'abba', source: module.replaceAll('  msleep(10);\n', '') });
      one.settle();
    });
  } catch (error) { failure = error; }
  expect(failure).toBeInstanceOf(ExplorationFailure);
  expect((failure as ExplorationFailure).headline).toContain('BUG: deadlock');
});
