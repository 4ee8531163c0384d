import { afterEach, describe, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { mdelay, msleep, udelay } from 'ringzero/linux/delay';
import { GFP_KERNEL } from 'ringzero/linux/gfp';
import { hrtimer, hrtimer_active, hrtimer_cancel, hrtimer_forward_now, hrtimer_init, HRTIMER_MODE_REL, HRTIMER_NORESTART, HRTIMER_RESTART, hrtimer_start, CLOCK_MONOTONIC } from 'ringzero/linux/hrtimer';
import { jiffies } from 'ringzero/linux/jiffies';
import { ktime_get, ms_to_ktime } from 'ringzero/linux/ktime';
import { in_hardirq, in_serving_softirq, preempt_count, preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { current } from 'ringzero/linux/sched';
import { kmalloc } from 'ringzero/linux/slab';
import { raw_smp_processor_id, smp_call_function_single } from 'ringzero/linux/smp';
import { DEFINE_TIMER, mod_timer } from 'ringzero/linux/timer';
import { sizeof, struct, u32 } from 'ringzero/linux/types';
import {
  DECLARE_TASKLET, DECLARE_TASKLET_DISABLED, from_tasklet, tasklet_disable, tasklet_enable, tasklet_hi_schedule, tasklet_init, tasklet_kill,
  tasklet_schedule, tasklet_setup, tasklet_struct,
} from 'ringzero/linux/interrupt';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

/** Runs `fn` in a hard interrupt on this CPU, on whose way out softirqs are served. */
function in_interrupt(fn: () => void): void {
  const here = raw_smp_processor_id();
  smp_call_function_single(1 - here, () => {
    smp_call_function_single(here, fn, null, 0);
  }, null, 1);
  udelay(50);
}

describe('tasklets', () => {
  test('run in a softirq, once however often they were scheduled', () => {
    machine = boot({ rules: { warn: 'off' } });
    const seen: unknown[] = [];
    machine.run(() => {
      const t = DECLARE_TASKLET('t', () => seen.push([in_serving_softirq(), in_hardirq(), preempt_count() & 0xff00, current.comm]));
      in_interrupt(() => {
        tasklet_schedule(t);
        tasklet_schedule(t);
      });
      expect(seen).toEqual([[1, 0, 0x100, 'run']]);
      tasklet_schedule(t);
      msleep(20);
      expect(seen[1]).toEqual([1, 0, 0x100, `ksoftirqd/${raw_smp_processor_id()}`]);
      tasklet_kill(t);
    });
    expect(seen).toHaveLength(2);
  });

  test('keep their order; those of high priority come first', () => {
    machine = boot({ rules: { warn: 'off' } });
    const log: string[] = [];
    machine.run(() => {
      const [a, b, hi] = ['a', 'b', 'hi'].map((name) => DECLARE_TASKLET(name, () => log.push(name)));
      in_interrupt(() => {
        tasklet_schedule(a!);
        tasklet_schedule(b!);
        tasklet_hi_schedule(hi!);
      });
    });
    expect(log).toEqual(['hi', 'a', 'b']);
  });

  test('never run on two CPUs at once', () => {
    machine = boot({ cpus: 2 });
    let inside = 0;
    let most = 0;
    let runs = 0;
    machine.run(() => {
      const t = DECLARE_TASKLET('t', () => {
        most = Math.max(most, ++inside);
        runs++;
        mdelay(2);
        inside--;
      });
      const here = raw_smp_processor_id();
      smp_call_function_single(1 - here, () => {
        tasklet_schedule(t);
      }, null, 1);
      udelay(200);
      tasklet_schedule(t);
      msleep(50);
    });
    expect([most, runs]).toEqual([1, 2]);
  });

  test('wait while they are disabled', () => {
    machine = boot();
    let runs = 0;
    machine.run(() => {
      const t = DECLARE_TASKLET('t', () => runs++);
      tasklet_disable(t);
      tasklet_disable(t);
      tasklet_schedule(t);
      msleep(20);
      tasklet_enable(t);
      msleep(20);
      expect(runs).toBe(0);
      tasklet_enable(t);
      msleep(20);
      expect(runs).toBe(1);
      const off = DECLARE_TASKLET_DISABLED('off', () => (runs = 100));
      tasklet_schedule(off);
      msleep(20);
      expect(runs).toBe(1);
      tasklet_enable(off);
      msleep(20);
      expect(runs).toBe(100);
    });
  });

  test('tasklet_init passes its number, from_tasklet finds the struct', () => {
    machine = boot();
    const dev = struct('dev', { id: u32, tl: tasklet_struct });
    const seen: number[] = [];
    machine.run(() => {
      const p = kmalloc(sizeof(dev), GFP_KERNEL)!;
      dev.at(p).id = 9;
      tasklet_setup(dev.at(p).tl, (t) => seen.push(dev.at(from_tasklet(dev, t, 'tl')).id));
      tasklet_schedule(dev.at(p).tl);
      tasklet_kill(dev.at(p).tl);
      tasklet_init(dev.at(p).tl, (data) => seen.push(data), 77);
      tasklet_schedule(dev.at(p).tl);
      tasklet_kill(dev.at(p).tl);
    });
    expect(seen).toEqual([9, 77]);
  });

  test('tasklet_kill from an interrupt', () => {
    machine = boot();
    expect(() => {
      machine.run(() => {
        const t = DECLARE_TASKLET('t', () => {
          tasklet_kill(t);
        });
        tasklet_schedule(t);
        msleep(20);
      });
    }).toThrow('BUG: sleeping function called from invalid context at kernel/softirq.c:935');
    expect(machine.dmesg()).toContain('softirq: Attempt to kill tasklet from interrupt');
  });

  test('a leaked preempt count is the softirq\'s', () => {
    machine = boot();
    machine.run(() => {
      tasklet_schedule(DECLARE_TASKLET('t', function leaky() {
        preempt_disable();
      }));
      msleep(20);
    });
    expect(machine.headlines()).toEqual(['softirq: huh, entered softirq 6 TASKLET (____ptrval____) with preempt_count 00000100, exited with 00000101?']);
  });

  test('ksoftirqd takes over from one that goes on scheduling itself, and tasks go on', () => {
    machine = boot({ cpus: 1 });
    const where = new Map<string, number>();
    let turns = 0;
    machine.run(() => {
      let stop = false;
      const t = DECLARE_TASKLET('t', () => {
        where.set(current.comm, (where.get(current.comm) ?? 0) + 1);
        udelay(10);
        if (!stop) tasklet_schedule(t);
      });
      mod_timer(DEFINE_TIMER('start', () => {
        tasklet_schedule(t);
      }), jiffies + 1);
      for (let i = 0; i < 50; i++) {
        mdelay(1);
        turns++;
      }
      stop = true;
      msleep(50);
    });
    expect(turns).toBe(50);
    expect(where.get('run')).toBeLessThanOrEqual(11);
    expect(where.get('ksoftirqd/0')).toBeGreaterThan(100);
  });
});

describe('hrtimers', () => {
  test('run to the nanosecond in a hard interrupt, and again while they ask for it', () => {
    machine = boot();
    const at: number[] = [];
    machine.run(() => {
      const t = kmalloc(sizeof(hrtimer), GFP_KERNEL)!;
      hrtimer_init(t, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
      hrtimer.at(t).function = (self) => {
        expect(in_hardirq()).toBe(1);
        at.push(ktime_get());
        hrtimer_forward_now(self, 500_000);
        return at.length < 4 ? HRTIMER_RESTART : HRTIMER_NORESTART;
      };
      const from = ktime_get();
      hrtimer_start(t, 500_000, HRTIMER_MODE_REL);
      expect(hrtimer_active(t)).toBe(true);
      msleep(20);
      expect(hrtimer_active(t)).toBe(false);
      expect(at.map((time) => Math.round((time - from) / 50_000))).toEqual([10, 20, 30, 40]);
      hrtimer_start(t, ms_to_ktime(5), HRTIMER_MODE_REL);
      expect(hrtimer_cancel(t)).toBe(1);
      expect(hrtimer_cancel(t)).toBe(0);
      msleep(20);
    });
    expect(at).toHaveLength(4);
    expect(machine.headlines()).toEqual([]);
  });

  test('hrtimer_cancel from its own callback never returns', () => {
    machine = boot();
    expect(() => {
      machine.run(() => {
        const t = kmalloc(sizeof(hrtimer), GFP_KERNEL)!;
        hrtimer_init(t, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
        hrtimer.at(t).function = () => {
          hrtimer_cancel(t);
          return HRTIMER_NORESTART;
        };
        hrtimer_start(t, 5_000_000, HRTIMER_MODE_REL);
        msleep(200);
      });
    }).toThrow('rcu_preempt detected stalls');
  });
});

test('preemption is off while softirqs are: a tick brings no other task in', () => {
  machine = boot({ cpus: 1 });
  machine.run(() => {
    preempt_disable();
    mdelay(20);
    expect(preempt_count()).toBe(1);
    preempt_enable();
  });
  expect(machine.headlines()).toEqual([]);
});
