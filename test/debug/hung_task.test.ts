import { afterEach, expect, test } from 'vitest';
import { boot, type BootOptions, type Machine } from 'ringzero';
import { complete, DECLARE_COMPLETION, wait_for_completion } from 'ringzero/linux/completion';
import { kthread_run } from 'ringzero/linux/kthread';
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { DECLARE_WAIT_QUEUE_HEAD, wait_event_interruptible } from 'ringzero/linux/wait';

let machine: Machine;
afterEach(() => { machine.powerOff(); });

const SECOND = 1e9;
const warn: BootOptions = { rules: { 'hung-task': 'warn' } };

/** Two threads: one waits for a completion with a mutex in its hands, the other for the mutex. */
function block(options: BootOptions = {}): () => void {
  machine = boot({ ...warn, ...options });
  return machine.run(() => {
    const m = DEFINE_MUTEX('m');
    const done = DECLARE_COMPLETION('done');
    kthread_run(() => { mutex_lock(m); wait_for_completion(done); mutex_unlock(m); return 0; }, null, 'holder');
    kthread_run(() => { mutex_lock(m); mutex_unlock(m); return 0; }, null, 'waiter');
    return () => { complete(done); };
  });
}

test('each blocked task is reported, with all locks that are held, once the timeout has passed', () => {
  block();
  machine.advance(119 * SECOND);
  expect(machine.headlines()).toEqual([]);
  machine.advance(181 * SECOND);
  const report = machine.report();
  expect(report).toMatch(/INFO: task holder:\d+ blocked for more than 120 seconds\./);
  expect(report).toMatch(/INFO: task waiter:\d+ blocked for more than 120 seconds\.[^]*task:waiter state:D pid:\d+\nwaits for: mutex m/);
  expect(report).toMatch(/Showing all locks held in the system:\n1 lock held by holder\/\d+:\n #0: \w+ \(m\), at: /);
  expect(report).not.toContain('held by waiter/');
});

test('a look keeps no machine from being quiet, and what goes on in time is not reported', () => {
  const go_on = block();
  expect(machine.untilQuiet(1000 * SECOND)).toBe(true);
  machine.advance(100 * SECOND);
  machine.run(go_on);
  machine.advance(1000 * SECOND);
  expect(machine.headlines()).toEqual([]);
});

test('one that a signal could wake is idle, however long', () => {
  machine = boot();
  machine.run(() => {
    const wq = DECLARE_WAIT_QUEUE_HEAD('wq');
    kthread_run(() => wait_event_interruptible(wq, () => false), null, 'idle');
  });
  machine.advance(1000 * SECOND);
  expect(machine.headlines()).toEqual([]);
});

test.each<[string, number, number]>([['after 30 s', 30, 60], ['never', 0, 10_000]])('the timeout is a setting: %s', (_name, secs, until) => {
  block({ sysctl: { 'kernel.hung_task_timeout_secs': secs } });
  machine.advance(until * SECOND);
  expect(machine.headlines().map((line) => line.replace(/:\d+/, ''))).toEqual(secs === 0 ? [] : ['INFO: task holder blocked for more than 30 seconds.']);
});

test('ten reports, and then silence', () => {
  block();
  machine.advance(3600 * SECOND);
  expect(machine.log().filter((line) => line.startsWith('INFO: task'))).toHaveLength(10);
  expect(machine.log()).toContain('Future hung task reports are suppressed, see sysctl kernel.hung_task_warnings');
});

test('a call that does not come back is told with who holds what it waits for', () => {
  block();
  expect(() => {
    machine.run(() => {
      const a = DEFINE_MUTEX('a');
      kthread_run(() => { mutex_lock(a); wait_for_completion(DECLARE_COMPLETION('never')); return 0; }, null, 'owner');
      wait_for_completion(DECLARE_COMPLETION('mine'));
    }, 'caller');
  }).toThrow(/INFO: task caller:\d+ blocked[^]*Show Blocked State\n[^]*task:owner state:D[^]*Showing all locks held[^]*held by owner\/\d+:\n #0: \w+ \(a\)/);
});

test('a setting that does not exist, or has no such value, is refused', () => {
  machine = boot();
  expect(() => boot({ sysctl: { 'kernel.hung_task': 1 } as never })).toThrow(/no sysctl 'kernel\.hung_task'; there are kernel\.hung_task_timeout_secs/);
  expect(() => boot({ sysctl: { 'kernel.hung_task_timeout_secs': -1 } })).toThrow(/must be an integer from 0/);
});
