import { afterEach, describe, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { cpu_relax } from 'ringzero/linux/processor';
import { mdelay, msleep, msleep_interruptible, ssleep, usleep_range } from 'ringzero/linux/delay';
import { EINTR } from 'ringzero/linux/errno';
import { HZ, jiffies, MAX_SCHEDULE_TIMEOUT } from 'ringzero/linux/jiffies';
import { irqs_disabled, local_irq_disable, local_irq_enable } from 'ringzero/linux/irqflags';
import { kthread_bind, kthread_create, kthread_run, kthread_should_stop, kthread_stop } from 'ringzero/linux/kthread';
import { ktime_before, ktime_add_ms, ktime_get, ktime_ms_delta } from 'ringzero/linux/ktime';
import { in_hardirq, in_task, preempt_count, preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { get_random_bytes, get_random_u32, get_random_u32_below } from 'ringzero/linux/random';
import {
  cond_resched, current, get_task_struct, might_sleep, need_resched, schedule, schedule_timeout, schedule_timeout_uninterruptible,
  set_current_state, signal_pending, TASK_INTERRUPTIBLE, type task_struct, wake_up_process, yield_,
} from 'ringzero/linux/sched';
import { GFP_KERNEL } from 'ringzero/linux/gfp';
import { kmalloc } from 'ringzero/linux/slab';
import { get_cpu, num_online_cpus, on_each_cpu, put_cpu, raw_smp_processor_id, smp_call_function_single, smp_processor_id } from 'ringzero/linux/smp';
import { load_u8 } from 'ringzero/linux/types';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

describe('threads', () => {
  test('run in process context under their name, and return their exit code to kthread_stop', () => {
    machine = boot();
    const seen: unknown[] = [];
    const code = machine.run(() => {
      const t = kthread_run((data: string) => {
        seen.push(data, current.comm, in_task(), preempt_count());
        while (!kthread_should_stop()) msleep(5);
        return 3;
      }, 'data', 'orc/%d', 7);
      msleep(20);
      expect(kthread_should_stop()).toBe(false);
      return kthread_stop(t);
    });
    expect(code).toBe(3);
    expect(seen).toEqual(['data', 'orc/7', 1, 0]);
  });

  test('one that is stopped before its first run never calls its function', () => {
    machine = boot();
    let ran = false;
    expect(machine.run(() => kthread_stop(kthread_create(() => {
      ran = true;
      return 0;
    }, null, 'orc')))).toBe(-EINTR);
    expect(ran).toBe(false);
  });

  test('kthread_stop wakes a sleeping thread', () => {
    machine = boot();
    machine.run(() => {
      const t = kthread_run(() => {
        set_current_state(TASK_INTERRUPTIBLE);
        while (!kthread_should_stop()) {
          schedule();
          set_current_state(TASK_INTERRUPTIBLE);
        }
        return 0;
      }, null, 'orc');
      msleep(20);
      expect(signal_pending(t)).toBe(0);
      expect(kthread_stop(t)).toBe(0);
    });
  });

  test('kthread_bind keeps one on its CPU', () => {
    machine = boot({ cpus: 4 });
    const on = machine.run(() => {
      const cpus: number[] = [];
      const t = kthread_create(() => {
        for (let i = 0; i < 5; i++) {
          cpus.push(smp_processor_id());
          msleep(5);
        }
        while (!kthread_should_stop()) msleep(5);
        return 0;
      }, null, 'orc');
      kthread_bind(t, 2);
      expect(wake_up_process(t)).toBe(1);
      msleep(100);
      kthread_stop(t);
      return cpus;
    });
    expect(on).toEqual([2, 2, 2, 2, 2]);
    expect(machine.headlines()).toEqual([]);
  });

  test('kthread_stop of one that has ended by itself is a use after free, unless it is held', () => {
    machine = boot({ rules: { kasan: 'warn' } });
    expect(() => machine.run(() => {
      const held = get_task_struct(kthread_create(() => 5, null, 'held'));
      wake_up_process(held);
      const gone = kthread_run(() => 0, null, 'orc');
      msleep(50);
      expect(kthread_stop(held)).toBe(5);
      expect(machine.headlines()).toEqual([]);
      kthread_stop(gone);
    })).toThrow('BUG: kernel NULL pointer dereference, address: 00000000');
    expect(machine.headlines().map((headline) => headline.split('\n')[0])).toEqual([
      'BUG: KASAN: use-after-free in kthread_stop',
      'refcount_t: addition on 0; use-after-free.',
      'BUG: kernel NULL pointer dereference, address: 00000000',
    ]);
  });

  test('one that ends in atomic context', () => {
    machine = boot();
    expect(() => {
      machine.run(() => {
        kthread_run(() => {
          preempt_disable();
          return 0;
        }, null, 'orc');
        msleep(50);
      });
    }).toThrow('BUG: sleeping function called from invalid context at include/linux/cgroup-defs.h:771');
  });

  test('an exception kills the thread and the machine goes on; who stops it gets its exit code', () => {
    machine = boot();
    machine.run(() => {
      const t = get_task_struct(kthread_create((): number => {
        throw new TypeError('no such thing');
      }, null, 'orc'));
      wake_up_process(t);
      msleep(50);
      expect(kthread_stop(t)).toBe(11);
    });
    expect(machine.headlines()[0]).toMatch(/^Oops: TypeError: no such thing/);
  });
});

describe('sleeping', () => {
  const measure = (fn: () => void): number => {
    let took = 0;
    machine.run(() => {
      const from = ktime_get();
      fn();
      took = ktime_ms_delta(ktime_get(), from);
    });
    return took;
  };

  test('takes the time that it says in virtual time', () => {
    machine = boot();
    const tick = 1000 / HZ;
    for (const [fn, ms] of [[() => { msleep(10); }, 10], [() => { ssleep(2); }, 2000], [() => schedule_timeout_uninterruptible(HZ), 1000]] as const) {
      const took = measure(fn);
      expect(took).toBeGreaterThanOrEqual(ms - tick);
      expect(took).toBeLessThanOrEqual(ms + 3 * tick);
    }
    expect(measure(() => { usleep_range(1500, 2000); })).toBe(1);
  });

  test('schedule_timeout returns what is left, and everything where it has no end', () => {
    machine = boot();
    machine.run(() => {
      const self = current;
      let how = 0;
      const waker = (ms: number): task_struct => kthread_run(() => {
        msleep(ms);
        how = wake_up_process(self);
        return 0;
      }, null, 'waker');
      waker(20);
      set_current_state(TASK_INTERRUPTIBLE);
      const left = schedule_timeout(HZ);
      expect(how).toBe(1);
      expect(left).toBeGreaterThan(HZ - 15);
      expect(left).toBeLessThan(HZ);
      waker(20);
      expect(msleep_interruptible(1000)).toBeGreaterThan(900);
      waker(20);
      set_current_state(TASK_INTERRUPTIBLE);
      expect(schedule_timeout(MAX_SCHEDULE_TIMEOUT)).toBe(MAX_SCHEDULE_TIMEOUT);
      set_current_state(TASK_INTERRUPTIBLE);
      expect(schedule_timeout(-1)).toBe(0);
    });
    expect(machine.dmesg()).toContain('schedule_timeout: wrong timeout value ffffffff');
  });

  test('with interrupts disabled says nothing and comes back with them enabled', () => {
    machine = boot();
    machine.run(() => {
      local_irq_disable();
      msleep(10);
      expect(irqs_disabled()).toBe(0);
      local_irq_disable();
      schedule();
      local_irq_enable();
    });
    expect(machine.headlines()).toEqual([]);
  });

  test('in atomic context is a bug', () => {
    machine = boot();
    expect(() => {
      machine.run(() => {
        preempt_disable();
        msleep(10);
      });
    }).toThrow(/BUG: scheduling while atomic: run\/\d+\/0x00000002/);
  });

  test('in atomic context, where the rule only warns, also unbalances the counter', () => {
    machine = boot({ rules: { 'schedule-in-atomic': 'warn' } });
    machine.run(() => {
      preempt_disable();
      msleep(10);
      preempt_enable();
    });
    expect(machine.headlines()[1]).toBe('DEBUG_LOCKS_WARN_ON(val > preempt_count())');
  });

  test('jiffies is right after a long idle time', () => {
    machine = boot();
    const from = machine.run(() => jiffies);
    machine.advance(5_000_000_000);
    expect((machine.run(() => jiffies) - from) | 0).toBe(5 * HZ);
  });
});

describe('giving way', () => {
  test('two busy threads on one CPU share it by time slices', () => {
    machine = boot({ cpus: 1 });
    const done: string[] = [];
    const order: string[] = [];
    machine.run(() => {
      for (const name of ['a', 'b']) {
        kthread_run(() => {
          const until = ktime_add_ms(ktime_get(), 200);
          while (ktime_before(ktime_get(), until)) {
            if (order.at(-1) !== name) order.push(name);
            cpu_relax();
          }
          done.push(name);
          return 0;
        }, null, name);
      }
      msleep(400);
    });
    expect(done.sort()).toEqual(['a', 'b']);
    expect(order.length).toBeGreaterThanOrEqual(8);
  });

  test('cond_resched lets the other run only where one waits and the turn is over', () => {
    machine = boot({ cpus: 1 });
    const log: string[] = [];
    machine.run(() => {
      expect(cond_resched()).toBe(0);
      expect(need_resched()).toBe(0);
      kthread_run(() => {
        log.push('other');
        return 0;
      }, null, 'other');
      log.push('before');
      yield_();
      log.push('after');
    });
    expect(log).toEqual(['before', 'other', 'after']);
  });

  test('might_sleep and cond_resched report atomic context', () => {
    machine = boot({ rules: { 'sleep-in-atomic': 'warn' } });
    machine.run(() => {
      might_sleep();
      cond_resched();
      preempt_disable();
      might_sleep();
      cond_resched();
      preempt_enable();
    });
    expect(machine.headlines()).toHaveLength(2);
    for (const headline of machine.headlines()) expect(headline).toMatch(/^BUG: sleeping function called from invalid context at \(host code\)/);
  });
});

describe('CPUs', () => {
  test('smp_processor_id wants a task that cannot move', () => {
    machine = boot();
    machine.run(() => {
      smp_processor_id();
      preempt_disable();
      smp_processor_id();
      preempt_enable();
      get_cpu();
      smp_processor_id();
      put_cpu();
      local_irq_disable();
      smp_processor_id();
      local_irq_enable();
    });
    expect(machine.headlines()).toHaveLength(1);
    expect(machine.headlines()[0]).toMatch(/^BUG: using smp_processor_id\(\) in preemptible \[00000000\] code: run\/\d+/);
  });

  test('a call to another CPU runs there in a hard interrupt', () => {
    machine = boot({ cpus: 3 });
    machine.run(() => {
      const seen: [number, number][] = [];
      const note = (): void => {
        seen.push([raw_smp_processor_id(), in_hardirq()]);
      };
      const here = raw_smp_processor_id();
      const there = (here + 1) % 3;
      expect(smp_call_function_single(there, note, null, 1)).toBe(0);
      expect(seen).toEqual([[there, 1]]);
      expect(smp_call_function_single(9, note, null, 1)).toBe(-6);
      seen.length = 0;
      on_each_cpu(note, null, 1);
      expect(seen.map(([cpu]) => cpu).sort()).toEqual([0, 1, 2]);
      expect(num_online_cpus()).toBe(3);
      // A CPU that is busy with a thread is interrupted, too.
      kthread_run(() => {
        mdelay(50);
        return 0;
      }, null, 'busy');
      msleep(5);
      seen.length = 0;
      on_each_cpu(note, null, true);
      expect(seen).toHaveLength(3);
    });
    expect(machine.headlines()).toEqual([]);
  });
});

test('random numbers are the seed\'s', () => {
  const draw = (seed: number): unknown => {
    machine = boot({ seed });
    const drawn = machine.run(() => {
      const p = kmalloc(16, GFP_KERNEL)!;
      get_random_bytes(p, 16);
      const below = Array.from({ length: 200 }, () => get_random_u32_below(6));
      expect(Math.min(...below)).toBe(0);
      expect(Math.max(...below)).toBe(5);
      return [get_random_u32(), Array.from({ length: 16 }, (_, i) => load_u8(p + i)).join(), below.join()];
    });
    machine.powerOff();
    return drawn;
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});
