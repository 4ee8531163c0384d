import { afterEach, describe, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { mdelay, msleep, udelay } from 'ringzero/linux/delay';
import { HZ, jiffies, time_after_eq } from 'ringzero/linux/jiffies';
import { in_hardirq, in_serving_softirq, in_task, preempt_count, preempt_disable } from 'ringzero/linux/preempt';
import { GFP_KERNEL } from 'ringzero/linux/gfp';
import { kfree, kmalloc, kzalloc } from 'ringzero/linux/slab';
import { raw_smp_processor_id, smp_call_function_single } from 'ringzero/linux/smp';
import { kthread_run } from 'ringzero/linux/kthread';
import {
  add_timer, add_timer_on, DEFINE_TIMER, del_timer, del_timer_sync, from_timer, mod_timer, timer_list, timer_pending, timer_reduce, timer_setup,
  try_to_del_timer_sync,
} from 'ringzero/linux/timer';
import { sizeof, struct, u32 } from 'ringzero/linux/types';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

const tick = (): number => 1_000_000_000 / HZ;

describe('timers', () => {
  test('the callback runs in a softirq, not before its time', () => {
    machine = boot();
    const seen: unknown[] = [];
    let expires = 0;
    machine.run(() => {
      const t = DEFINE_TIMER('t', () => {
        seen.push([in_serving_softirq(), in_hardirq(), in_task(), preempt_count(), time_after_eq(jiffies, expires)]);
      });
      expires = jiffies + 5;
      expect(mod_timer(t, expires)).toBe(0);
      expect(timer_pending(t)).toBe(1);
      expect(mod_timer(t, expires)).toBe(1);
      msleep(100);
      expect(timer_pending(t)).toBe(0);
    });
    expect(seen).toEqual([[1, 0, 0, 0x100, 1]]);
  });

  test('order is expiry, then arming; a timer of the past runs at the next tick', () => {
    machine = boot({ cpus: 1 });
    const order: string[] = [];
    machine.run(() => {
      const arm = (name: string, ticks: number): void => {
        mod_timer(DEFINE_TIMER(name, () => order.push(name)), jiffies + ticks);
      };
      arm('late', 9);
      arm('b1', 5);
      arm('b2', 5);
      arm('past', -3);
      arm('a', 4);
      msleep(100);
    });
    expect(order).toEqual(['past', 'a', 'b1', 'b2', 'late']);
  });

  test('a periodic timer keeps its period across the wrap of jiffies', () => {
    machine = boot({ cpus: 2 });
    let wrapped = false;
    let runs = 0;
    let worst = 0;
    machine.run(() => {
      let due = jiffies;
      const t = DEFINE_TIMER('t', (self) => {
        runs++;
        worst = Math.max(worst, (jiffies - due) | 0);
        if (jiffies < 1_000_000) wrapped = true;
        due = (jiffies + HZ) >>> 0;
        mod_timer(self, jiffies + HZ);
      });
      due = (jiffies + HZ) >>> 0;
      mod_timer(t, jiffies + HZ);
    });
    machine.advance(310_000_000_000);
    expect(runs).toBeGreaterThanOrEqual(309);
    expect(runs).toBeLessThanOrEqual(310);
    expect(wrapped).toBe(true);
    expect(worst).toBe(0);
  });

  test('a timer that arms itself for now runs once a tick', () => {
    machine = boot({ cpus: 1 });
    let runs = 0;
    machine.run(() => {
      const t = DEFINE_TIMER('t', () => {
        if (++runs < 10) mod_timer(t, jiffies);
      });
      mod_timer(t, jiffies);
    });
    machine.advance(20 * tick());
    expect(runs).toBe(10);
  });

  test('from_timer finds the struct; add_timer takes the field', () => {
    machine = boot();
    const dev = struct('dev', { id: u32, timer: timer_list });
    let id = 0;
    machine.run(() => {
      const p = kmalloc(sizeof(dev), GFP_KERNEL)!;
      dev.at(p).id = 7;
      const t = dev.at(p).timer;
      timer_setup(t, (self) => {
        id = dev.at(from_timer(dev, self, 'timer')).id;
      }, 0);
      timer_list.at(t).expires = jiffies + 3;
      add_timer(t);
      msleep(50);
      expect(del_timer_sync(t)).toBe(0);
      kfree(p);
    });
    expect(id).toBe(7);
    expect(machine.headlines()).toEqual([]);
  });

  test('del_timer, try_to_del_timer_sync and timer_reduce say what was pending', () => {
    machine = boot();
    let runs = 0;
    machine.run(() => {
      const t = DEFINE_TIMER('t', () => runs++);
      expect(del_timer(t)).toBe(0);
      mod_timer(t, jiffies + 10);
      expect(del_timer(t)).toBe(1);
      mod_timer(t, jiffies + 1000);
      expect(timer_reduce(t, jiffies + 2000)).toBe(1);
      expect(timer_reduce(t, jiffies + 2)).toBe(1);
      msleep(50);
      expect(runs).toBe(1);
      mod_timer(t, jiffies + 10);
      expect(try_to_del_timer_sync(t)).toBe(1);
    });
    machine.advance(1_000_000_000);
    expect(runs).toBe(1);
  });

  test('del_timer_sync waits for a callback on the other CPU, and for one that arms itself again', () => {
    machine = boot({ cpus: 2 });
    const log: string[] = [];
    machine.run(() => {
      const here = raw_smp_processor_id();
      const t = DEFINE_TIMER('t', (self) => {
        log.push('begin');
        mdelay(20);
        mod_timer(self, jiffies + 1);
        log.push('end');
      });
      timer_list.at(t).expires = jiffies + 1;
      add_timer_on(t, 1 - here);
      mdelay(12);
      expect(log).toEqual(['begin']);
      expect(try_to_del_timer_sync(t)).toBe(-1);
      expect(del_timer_sync(t)).toBe(1);
      log.push('deleted');
      msleep(50);
    });
    expect(log).toEqual(['begin', 'end', 'deleted']);
  });

  test('a timer set for an idle CPU wakes it', () => {
    machine = boot({ cpus: 2 });
    let on = -1;
    let there = -1;
    machine.run(() => {
      there = 1 - raw_smp_processor_id();
      const t = DEFINE_TIMER('t', () => (on = raw_smp_processor_id()));
      timer_list.at(t).expires = jiffies + 4;
      add_timer_on(t, there);
    });
    machine.advance(100_000_000);
    expect(on).toBe(there);
  });
});

describe('reports', () => {
  test('a callback that leaks a preempt count', () => {
    machine = boot();
    machine.run(() => {
      mod_timer(DEFINE_TIMER('t', function leaky() {
        preempt_disable();
      }), jiffies + 1);
      msleep(50);
    });
    expect(machine.headlines()).toEqual(['timer: leaky preempt leak: 00000100 -> 00000101']);
  });

  test('del_timer_sync from its own callback', () => {
    machine = boot();
    expect(() => {
      machine.run(() => {
        const t = DEFINE_TIMER('t', () => del_timer_sync(t));
        mod_timer(t, jiffies + 1);
        msleep(200);
      });
    }).toThrow('possible recursive locking detected');
  });

  test('del_timer_sync in a hard interrupt', () => {
    machine = boot();
    machine.run(() => {
      const t = DEFINE_TIMER('t', () => undefined);
      smp_call_function_single(1, () => del_timer_sync(t), null, 1);
    });
    expect(machine.headlines()[0]).toMatch(/at kernel\/time\/timer.c:\d+ del_timer_sync/);
  });

  test('a timer that was never set up', () => {
    machine = boot();
    machine.run(() => {
      const t = kzalloc(sizeof(timer_list), GFP_KERNEL)!;
      mod_timer(t, jiffies + HZ);
      msleep(50);
      del_timer_sync(t);
      kfree(t);
    });
    expect(machine.headlines()).toHaveLength(1);
    expect(machine.headlines()[0]).toMatch(/^ODEBUG: assert_init not available \(active state 0\) object type: timer_list hint: 0x0/);
  });

  test('timer_setup of a pending timer', () => {
    machine = boot();
    machine.run(() => {
      const cb = (): void => undefined;
      const t = DEFINE_TIMER('t', cb);
      mod_timer(t, jiffies + 10 * HZ);
      timer_setup(t, cb, 0);
      expect(timer_pending(t)).toBe(0);
    });
    expect(machine.headlines()[0]).toMatch(/^ODEBUG: init active \(active state 0\) object type: timer_list hint: cb/);
  });

  test.each([['add_timer', add_timer], ['add_timer_on', (t: Parameters<typeof add_timer>[0]) => { add_timer_on(t, 0); }]])('%s of a pending timer warns once and leaves it as it is', (name, add) => {
    machine = boot();
    const ran: number[] = [];
    machine.run(() => {
      const t = DEFINE_TIMER('t', () => { ran.push(jiffies); });
      mod_timer(t, jiffies + 10);
      add(t);
      add(t);
      expect(timer_pending(t)).toBe(1);
      msleep(200);
    });
    expect(machine.headlines()).toEqual([expect.stringMatching(new RegExp(`^WARNING: CPU: 0 PID: \\d+ at kernel/time/timer\\.c:\\d+ ${name}$`))]);
    expect(ran).toHaveLength(1);
  });

  test('memory freed under a pending timer is noticed, and the timer never expires', () => {
    machine = boot();
    let expired = false;
    machine.run(() => {
      const t = kmalloc(sizeof(timer_list), GFP_KERNEL)!;
      timer_setup(t, () => {
        expired = true;
      }, 0);
      mod_timer(t, jiffies + 2);
      kfree(t);
      msleep(100);
    });
    expect(machine.kernel.reports.map(({ headline }) => headline.split('\n')[0])).toEqual([
      expect.stringMatching(/^ODEBUG: free active \(active state 0\) object type: timer_list hint: /),
    ]);
    expect(expired).toBe(false);
  });

  test('msleep in a callback', () => {
    machine = boot();
    expect(() => {
      machine.run(() => {
        mod_timer(DEFINE_TIMER('t', () => {
          msleep(10);
        }), jiffies + 1);
        msleep(200);
      });
    }).toThrow('BUG: scheduling while atomic');
  });
});

describe('busy waits', () => {
  test('take their time, and let other CPUs and interrupts have theirs', () => {
    machine = boot({ cpus: 2 });
    let ticks = 0;
    machine.run(() => {
      const before = machine.now();
      kthread_run(() => {
        udelay(100);
        return 0;
      }, null, 'other');
      const t = DEFINE_TIMER('t', (self) => {
        ticks++;
        mod_timer(self, jiffies + 1);
      });
      mod_timer(t, jiffies + 1);
      mdelay(40);
      del_timer_sync(t);
      expect(before).toBeGreaterThanOrEqual(0);
    });
    expect(machine.now()).toBeGreaterThanOrEqual(40_000_000);
    expect(machine.now()).toBeLessThan(41_000_000);
    expect(ticks).toBeGreaterThanOrEqual(9);
  });
});
