/** What calls itself back at once and for ever: every call of the host's comes back, in time or with a report that names it. */
import { afterEach, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { CLOCK_MONOTONIC, hrtimer, hrtimer_init, HRTIMER_MODE_REL, HRTIMER_RESTART, hrtimer_start } from 'ringzero/linux/hrtimer';
import { DECLARE_TASKLET, tasklet_schedule } from 'ringzero/linux/interrupt';
import { jiffies } from 'ringzero/linux/jiffies';
import { GFP_KERNEL, kmalloc } from 'ringzero/linux/slab';
import { DEFINE_TIMER, mod_timer } from 'ringzero/linux/timer';
import { sizeof } from 'ringzero/linux/types';
import { DECLARE_WORK, schedule_work } from 'ringzero/linux/workqueue';

let machine: Machine;
afterEach(() => { machine.powerOff(); });

const endless: readonly (readonly [string, (count: () => void) => void])[] = [
  ['a timer that arms itself for jiffies', (count) => {
    const timer = DEFINE_TIMER('timer', () => { count(); mod_timer(timer, jiffies); });
    mod_timer(timer, jiffies);
  }],
  ['a tasklet that schedules itself', (count) => {
    const tasklet = DECLARE_TASKLET('tasklet', () => { count(); tasklet_schedule(tasklet); });
    tasklet_schedule(tasklet);
  }],
  ['a work item that queues itself', (count) => {
    const work = DECLARE_WORK('work', () => { count(); schedule_work(work); });
    schedule_work(work);
  }],
];

test.each(endless)('%s goes on in virtual time', (_name, start) => {
  machine = boot();
  let calls = 0;
  machine.run(() => { start(() => { calls++; }); });
  machine.settle();
  machine.advance(10e6);
  expect(machine.untilQuiet(10e6)).toBe(false);
  expect(calls).toBeGreaterThan(3);
  expect(machine.now()).toBeGreaterThanOrEqual(20e6);
  expect(machine.headlines()).toEqual([]);
});

test.each(['advance', 'untilQuiet'] as const)('an hrtimer that restarts itself without moving on is a lockup: %s()', (call) => {
  machine = boot();
  machine.run(() => {
    const timer = kmalloc(sizeof(hrtimer), GFP_KERNEL)!;
    hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
    hrtimer.at(timer).function = function never_forwards() { return HRTIMER_RESTART; };
    hrtimer_start(timer, 0, HRTIMER_MODE_REL);
  });
  expect(() => {
    machine.settle();
    machine[call](10e9);
  }).toThrow(/hard LOCKUP on cpu \d[^]*never_forwards has returned HRTIMER_RESTART/);
});
