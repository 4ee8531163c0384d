import { afterEach, describe, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { mdelay, msleep } from 'ringzero/linux/delay';
import { GFP_KERNEL } from 'ringzero/linux/gfp';
import { HZ, jiffies } from 'ringzero/linux/jiffies';
import { local_irq_disable } from 'ringzero/linux/irqflags';
import { container_of } from 'ringzero/linux/container_of';
import { in_serving_softirq, in_task, preempt_count, preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { current } from 'ringzero/linux/sched';
import { kfree, kmalloc, kzalloc } from 'ringzero/linux/slab';
import { raw_smp_processor_id } from 'ringzero/linux/smp';
import { DEFINE_TIMER, mod_timer } from 'ringzero/linux/timer';
import { sizeof, struct, u32 } from 'ringzero/linux/types';
import {
  alloc_ordered_workqueue, alloc_workqueue, cancel_delayed_work, cancel_delayed_work_sync, cancel_work_sync, create_singlethread_workqueue,
  DECLARE_DELAYED_WORK, DECLARE_WORK, destroy_workqueue, drain_workqueue, flush_delayed_work, flush_scheduled_work, flush_work, flush_workqueue,
  INIT_WORK, mod_delayed_work, queue_work, queue_work_on, schedule_delayed_work, schedule_work, schedule_work_on, system_unbound_wq,
  to_delayed_work, work_on_cpu, work_pending, work_struct, WQ_HIGHPRI,
} from 'ringzero/linux/workqueue';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

const flat = (): void => undefined;

describe('work items', () => {
  test('run in process context of a worker of the CPU that queued them', () => {
    machine = boot({ cpus: 2 });
    const seen: unknown[] = [];
    machine.run(() => {
      const cpu = raw_smp_processor_id();
      const w = DECLARE_WORK(() => {
        seen.push([in_task(), in_serving_softirq(), preempt_count(), current.comm.replace(/\d+$/, 'N'), raw_smp_processor_id() === cpu]);
      });
      expect(schedule_work(w)).toBe(true);
      expect(flush_work(w)).toBe(true);
      expect(flush_work(w)).toBe(false);
      seen.push(`kworker/${cpu}:N`);
    });
    expect(seen[0]).toEqual([1, 0, 0, seen[1], true]);
  });

  test('are queued once until they begin to run, and again from then on', () => {
    machine = boot({ cpus: 1 });
    let runs = 0;
    machine.run(() => {
      const w = DECLARE_WORK('w', () => {
        runs++;
        if (runs === 1) expect(schedule_work(w)).toBe(true);
      });
      preempt_disable();
      expect(schedule_work(w)).toBe(true);
      expect(schedule_work(w)).toBe(false);
      expect(work_pending(w)).toBe(1);
      preempt_enable();
      msleep(20);
      expect(work_pending(w)).toBe(0);
    });
    expect(runs).toBe(2);
  });

  test('never run twice at once, though queued on another CPU while they run', () => {
    machine = boot({ cpus: 2 });
    let inside = 0;
    let most = 0;
    let runs = 0;
    machine.run(() => {
      const w = DECLARE_WORK(() => {
        most = Math.max(most, ++inside);
        runs++;
        msleep(20);
        inside--;
      });
      schedule_work_on(0, w);
      msleep(8);
      expect(schedule_work_on(1, w)).toBe(true);
      flush_work(w);
    });
    expect([most, runs]).toEqual([1, 2]);
  });

  test('one that sleeps does not hold up the next; one that runs does', () => {
    machine = boot({ cpus: 1 });
    const log: string[] = [];
    machine.run(() => {
      const sleeper = DECLARE_WORK(() => {
        log.push('sleeps');
        msleep(50);
        log.push('wakes');
      });
      const quick = DECLARE_WORK(() => log.push('quick'));
      const busy = DECLARE_WORK(() => {
        log.push('busy');
        mdelay(30);
        log.push('done');
      });
      schedule_work(sleeper);
      schedule_work(quick);
      flush_work(sleeper);
      schedule_work(busy);
      schedule_work(quick);
      flush_scheduled_work();
    });
    expect(log).toEqual(['sleeps', 'quick', 'wakes', 'busy', 'done', 'quick']);
  });

  test('may free themselves', () => {
    machine = boot();
    const s = struct('s', { n: u32, w: work_struct });
    let n = 0;
    machine.run(() => {
      const p = kmalloc(sizeof(s), GFP_KERNEL)!;
      s.at(p).n = 5;
      INIT_WORK(s.at(p).w, (w) => {
        const self = container_of(w, s, 'w');
        n = s.at(self).n;
        kfree(self);
      });
      schedule_work(s.at(p).w);
      msleep(50);
    });
    expect(n).toBe(5);
    expect(machine.headlines()).toEqual([]);
  });

  test('cancel_work_sync takes one back that waits, waits for one that runs, and stops one that queues itself', () => {
    machine = boot({ cpus: 2 });
    let runs = 0;
    machine.run(() => {
      const idle = DECLARE_WORK(flat);
      expect(cancel_work_sync(idle)).toBe(false);
      const own = DECLARE_WORK('own', () => {
        runs++;
        msleep(10);
        schedule_work(own);
      });
      schedule_work(own);
      msleep(45);
      cancel_work_sync(own);
      const then = runs;
      msleep(100);
      expect(runs).toBe(then);
      expect(then).toBeGreaterThan(1);
      preempt_disable();
      schedule_work_on(raw_smp_processor_id(), idle);
      preempt_enable();
      expect(work_pending(own)).toBe(0);
      expect(schedule_work(own)).toBe(true);
      cancel_work_sync(own);
    });
  });

  test('work_on_cpu returns what the function returned', () => {
    machine = boot({ cpus: 2 });
    expect(machine.run(() => [0, 1].map((cpu) => work_on_cpu(cpu, (x: number) => x + raw_smp_processor_id(), 10)))).toEqual([10, 11]);
  });
});

describe('work queues', () => {
  test('an ordered queue keeps the order and runs one at a time', () => {
    machine = boot({ cpus: 2 });
    const log: string[] = [];
    machine.run(() => {
      const wq = alloc_ordered_workqueue('ord%d', 0, 3);
      expect(wq.name).toBe('ord3');
      const works = ['a', 'b', 'c'].map((name) => DECLARE_WORK(name, () => {
        log.push(`${name}+`);
        msleep(10);
        log.push(`${name}-`);
      }));
      for (const w of works) queue_work(wq, w);
      flush_workqueue(wq);
      destroy_workqueue(wq);
    });
    expect(log).toEqual(['a+', 'a-', 'b+', 'b-', 'c+', 'c-']);
  });

  test('max_active bounds what a queue has active; taking one back lets the next in', () => {
    machine = boot({ cpus: 1 });
    let inside = 0;
    let most = 0;
    machine.run(() => {
      const wq = alloc_workqueue('two', 0, 2);
      const works = [1, 2, 3, 4, 5].map((n) => DECLARE_WORK(`w${n}`, () => {
        most = Math.max(most, ++inside);
        msleep(10);
        inside--;
      }));
      for (const w of works) queue_work(wq, w);
      expect(cancel_work_sync(works[4]!)).toBe(true);
      expect(cancel_work_sync(works[1]!)).toBe(true);
      drain_workqueue(wq);
      destroy_workqueue(wq);
    });
    expect(most).toBe(2);
  });

  test('drain lets the queue\'s own items queue more', () => {
    machine = boot();
    let runs = 0;
    machine.run(() => {
      const wq = create_singlethread_workqueue('st');
      const w = DECLARE_WORK('w', () => {
        if (++runs < 4) queue_work(wq, w);
      });
      queue_work(wq, w);
      destroy_workqueue(wq);
      expect(runs).toBe(4);
    });
  });

  test('high priority and unbound queues have workers of their own', () => {
    machine = boot({ cpus: 2 });
    const names: string[] = [];
    machine.run(() => {
      const wq = alloc_workqueue('hi', WQ_HIGHPRI, 0);
      const w = DECLARE_WORK(() => names.push(current.comm));
      queue_work_on(1, wq, w);
      flush_work(w);
      queue_work(system_unbound_wq, w);
      flush_work(w);
      destroy_workqueue(wq);
    });
    expect(names[0]).toMatch(/^kworker\/1:\d+H$/);
    expect(names[1]).toMatch(/^kworker\/u\d+:\d+$/);
  });
});

describe('delayed work', () => {
  test('runs after its delay; can be moved, taken back and hurried', () => {
    machine = boot();
    let at = 0;
    let runs = 0;
    machine.run(() => {
      const d = DECLARE_DELAYED_WORK('d', (w) => {
        expect(to_delayed_work(w)).toBe(d);
        at = jiffies;
        runs++;
      });
      const start = jiffies;
      expect(schedule_delayed_work(d, 10)).toBe(true);
      expect(schedule_delayed_work(d, 10)).toBe(false);
      msleep(100);
      expect((at - start) | 0).toBeGreaterThanOrEqual(10);
      expect((at - start) | 0).toBeLessThanOrEqual(11);
      schedule_delayed_work(d, 10 * HZ);
      expect(mod_delayed_work(system_unbound_wq, d, 2)).toBe(true);
      msleep(50);
      expect(runs).toBe(2);
      schedule_delayed_work(d, 10 * HZ);
      expect(flush_delayed_work(d)).toBe(true);
      expect(runs).toBe(3);
      schedule_delayed_work(d, 10);
      expect(cancel_delayed_work(d)).toBe(true);
      expect(cancel_delayed_work(d)).toBe(false);
      schedule_delayed_work(d, 10);
      expect(cancel_delayed_work_sync(d)).toBe(true);
      msleep(200);
      expect(runs).toBe(3);
      expect(schedule_delayed_work(d, 0)).toBe(true);
      msleep(10);
      expect(runs).toBe(4);
    });
    expect(machine.headlines()).toEqual([]);
  });

  test('one that queues itself is stopped for good by cancel_delayed_work_sync', () => {
    machine = boot();
    let runs = 0;
    machine.run(() => {
      const d = DECLARE_DELAYED_WORK('d', () => {
        runs++;
        schedule_delayed_work(d, 2);
      });
      schedule_delayed_work(d, 2);
      msleep(100);
      cancel_delayed_work_sync(d);
      const then = runs;
      msleep(100);
      expect(runs).toBe(then);
      expect(then).toBeGreaterThan(5);
    });
  });
});

describe('reports', () => {
  test('a work that leaks a preempt count', () => {
    machine = boot();
    machine.run(() => {
      const w = DECLARE_WORK('w', function leaky() {
        preempt_disable();
      });
      schedule_work(w);
      flush_work(w);
    });
    expect(machine.headlines()[0]).toMatch(/^BUG: workqueue leaked lock or atomic: kworker\/\d:\d+\/0x00000001\/\d+\n {5}last function: leaky$/);
  });

  test('a work that leaves interrupts disabled', () => {
    machine = boot();
    expect(() => {
      machine.run(() => {
        const w = DECLARE_WORK(() => {
          local_irq_disable();
        });
        schedule_work(w);
        flush_work(w);
      });
    }).toThrow('BUG: sleeping function called from invalid context at kernel/workqueue.c:2318');
  });

  test('cancel_work_sync of an idle work in atomic context', () => {
    machine = boot();
    expect(() => {
      machine.run(() => {
        const w = DECLARE_WORK(flat);
        preempt_disable();
        cancel_work_sync(w);
      });
    }).toThrow('BUG: sleeping function called from invalid context at kernel/workqueue.c:3017');
  });

  test('cancel_work_sync in a timer', () => {
    machine = boot();
    expect(() => {
      machine.run(() => {
        const w = DECLARE_WORK(flat);
        mod_timer(DEFINE_TIMER('t', () => {
          cancel_work_sync(w);
        }), jiffies + 1);
        msleep(50);
      });
    }).toThrow('BUG: sleeping function called from invalid context at kernel/workqueue.c:3017');
  });

  test('flush_work of a work from itself', () => {
    machine = boot();
    expect(() => {
      machine.run(() => {
        const w = DECLARE_WORK('w', () => {
          flush_work(w);
        });
        schedule_work(w);
        msleep(20_000);
      });
    }).toThrow('possible recursive locking detected');
  });

  test('INIT_WORK of a queued work', () => {
    machine = boot({ rules: { 'sleep-in-atomic': 'warn', 'schedule-in-atomic': 'warn' } });
    machine.run(() => {
      const w = DECLARE_WORK('k', flat);
      preempt_disable();
      schedule_work_on(raw_smp_processor_id(), w);
      INIT_WORK(w, flat);
      preempt_enable();
      msleep(50);
    });
    expect(machine.headlines()[0]).toMatch(/^ODEBUG: init active \(active state 0\) object type: work_struct hint: flat/);
    expect(machine.headlines()[1]).toContain('kernel/workqueue.c:3017');
  });

  test('a work that was never set up', () => {
    machine = boot();
    machine.run(() => {
      schedule_work(kzalloc(sizeof(work_struct), GFP_KERNEL)!);
      msleep(50);
    });
    expect(machine.headlines()[0]).toMatch(/at kernel\/workqueue.c:1502 __queue_work$/);
    expect(machine.headlines()).toHaveLength(1);
  });

  test('a work without a function kills its worker, and the pool goes on', () => {
    machine = boot({ cpus: 1 });
    let ran = false;
    machine.run(() => {
      const w = DECLARE_WORK('w', flat);
      INIT_WORK(w, null);
      schedule_work(w);
      msleep(100);
      const next = DECLARE_WORK('next', () => (ran = true));
      schedule_work(next);
      flush_work(next);
    });
    expect(machine.headlines()[0]).toMatch(/^BUG: kernel NULL pointer dereference, address: 00000000\n#PF: supervisor instruction fetch/);
    expect(ran).toBe(true);
  });

  test('queue_work on a destroyed queue', () => {
    machine = boot();
    expect(() => {
      machine.run(() => {
        const wq = alloc_workqueue('orc', 0, 0);
        const w = DECLARE_WORK('w', flat);
        queue_work(wq, w);
        destroy_workqueue(wq);
        queue_work(wq, w);
      });
    }).toThrow('use-after-free in queue_work_on');
  });

  test('destroy_workqueue while a timer goes on queueing', () => {
    machine = boot({ cpus: 1 });
    machine.run(() => {
      const wq = alloc_workqueue('d', 0, 0);
      const w = DECLARE_WORK('w', () => {
        msleep(50);
      });
      const other = DECLARE_WORK('other', flat);
      queue_work(wq, w);
      mod_timer(DEFINE_TIMER('t', () => {
        queue_work(wq, other);
      }), jiffies + 3);
      destroy_workqueue(wq);
    });
    expect(machine.headlines()[0]).toContain('__queue_work');
  });
});
