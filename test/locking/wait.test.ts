import { afterEach, describe, expect, it } from 'vitest';
import { boot, type BootOptions, type Machine } from 'ringzero';
import {
  complete, complete_all, completion_done, completion, DECLARE_COMPLETION, init_completion, reinit_completion, try_wait_for_completion,
  wait_for_completion, wait_for_completion_interruptible, wait_for_completion_timeout,
} from 'ringzero/linux/completion';
import { msleep, udelay } from 'ringzero/linux/delay';
import { ERESTARTSYS } from 'ringzero/linux/errno';
import { IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { DEFINE_MUTEX, mutex_lock, mutex_unlock } from 'ringzero/linux/mutex';
import { TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, schedule } from 'ringzero/linux/sched';
import { GFP_KERNEL, kmalloc, kzalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_lock_irq, spin_unlock_irq } from 'ringzero/linux/spinlock';
import { sizeof } from 'ringzero/linux/types';
import {
  add_wait_queue, DECLARE_WAIT_QUEUE_HEAD, DECLARE_WAITQUEUE, DEFINE_WAIT, finish_wait, init_waitqueue_head, prepare_to_wait, prepare_to_wait_exclusive,
  remove_wait_queue, wait_event, wait_event_interruptible, wait_event_interruptible_timeout, wait_event_lock_irq, wait_event_timeout, wait_queue_head_t,
  waitqueue_active, wake_up, wake_up_all, wake_up_interruptible, wake_up_nr,
} from 'ringzero/linux/wait';
import { kernel } from '../../kernel/current.js';
import { signal_task } from '../../kernel/signal.js';
import { on_cpu, panic_of } from './machine.js';

let machine: Machine;
afterEach(() => { machine.powerOff(); });

function start(options: BootOptions = {}): Machine {
  machine = boot(options);
  return machine;
}

function task_named(comm: string): Parameters<typeof signal_task>[0] {
  return [...kernel.sched.tasks.values()].find((task) => task.comm === comm)!;
}

for (const cpus of [1, 2]) {
  describe(`wait queue, ${cpus} CPU(s)`, () => {
    it('wakes who waits once the condition holds', () => {
      start({ cpus }).run(() => {
        const wq = DECLARE_WAIT_QUEUE_HEAD('wq');
        let ready = false;
        let woken = false;
        const task = on_cpu(cpus - 1, () => { wait_event(wq, () => ready); woken = true; });
        msleep(10);
        expect(waitqueue_active(wq)).toBe(1);
        wake_up(wq);
        msleep(10);
        expect(woken).toBe(false);
        ready = true;
        wake_up(wq);
        task.join();
        expect(waitqueue_active(wq)).toBe(0);
      });
      expect(machine.headlines()).toEqual([]);
    });

    it('loses no wakeup under any schedule', () => {
      for (let seed = 0; seed < 30; seed++) {
        const m = start({ cpus, strategy: 'random', seed });
        m.run(() => {
          const wq = DECLARE_WAIT_QUEUE_HEAD('wq');
          let turn = 0;
          [0, 1].map((me) => on_cpu(me % cpus, () => {
            for (let i = 0; i < 10; i++) {
              wait_event(wq, () => turn % 2 === me);
              turn++;
              wake_up(wq);
            }
          })).forEach((task) => { task.join(); });
          expect(turn).toBe(20);
        });
        m.powerOff();
      }
    });
  });
}

describe('wait_event', () => {
  it('is woken by an interrupt handler', () => {
    start().run(() => {
      const wq = DECLARE_WAIT_QUEUE_HEAD('wq');
      let ready = false;
      request_irq(5, () => { ready = true; wake_up_interruptible(wq); return IRQ_HANDLED; }, 0, 'x', null);
      const task = on_cpu(1, () => { msleep(10); machine.kernel.arch.irqchip.irq_raise(5); });
      expect(wait_event_interruptible(wq, () => ready)).toBe(0);
      task.join();
    });
  });

  it('ends with a signal where it may', () => {
    start().run(() => {
      const wq = DECLARE_WAIT_QUEUE_HEAD('wq');
      const rets: number[] = [];
      const task = on_cpu(1, () => {
        rets.push(wait_event_interruptible(wq, () => false), wait_event_interruptible_timeout(wq, () => false, 100), wait_event_timeout(wq, () => false, 2));
      }, 'victim');
      msleep(10);
      signal_task(task_named('victim'));
      task.join();
      expect(rets).toEqual([-ERESTARTSYS, -ERESTARTSYS, 0]);
    });
  });

  it('tells the ticks that are left', () => {
    start({ hz: 250 }).run(() => {
      const wq = DECLARE_WAIT_QUEUE_HEAD('wq');
      let ready = false;
      expect(wait_event_timeout(wq, () => true, 0)).toBe(1);
      expect(wait_event_timeout(wq, () => true, 7)).toBe(7);
      expect(wait_event_timeout(wq, () => false, 0)).toBe(0);
      expect(wait_event_timeout(wq, () => false, 3)).toBe(0);
      const task = on_cpu(1, () => { msleep(20); ready = true; wake_up(wq); });
      const left = wait_event_timeout(wq, () => ready, 100);
      expect(left).toBeGreaterThan(85);
      expect(left).toBeLessThan(100);
      task.join();
    });
  });

  it('is reported in atomic context, also where the condition holds', () => {
    const panic = panic_of(start(), () => { const wq = DECLARE_WAIT_QUEUE_HEAD('wq'); spin_lock(DEFINE_SPINLOCK('l')); wait_event(wq, () => true); });
    expect(panic.message).toContain('BUG: sleeping function called from invalid context at ');
  });

  it('leaves a lock while it sleeps', () => {
    start().run(() => {
      const wq = DECLARE_WAIT_QUEUE_HEAD('wq');
      const l = DEFINE_SPINLOCK('l');
      let ready = false;
      const task = on_cpu(1, () => { msleep(10); spin_lock_irq(l); ready = true; spin_unlock_irq(l); wake_up(wq); });
      spin_lock_irq(l);
      wait_event_lock_irq(wq, () => ready, l);
      spin_unlock_irq(l);
      task.join();
    });
    expect(machine.headlines()).toEqual([]);
  });

  it('takes its entry off the queue when the condition throws', () => {
    start().run(() => {
      const wq = DECLARE_WAIT_QUEUE_HEAD('wq');
      let calls = 0;
      expect(() => { wait_event(wq, () => { if (++calls > 1) throw new Error('x'); return false; }); }).toThrow('x');
      expect(waitqueue_active(wq)).toBe(0);
    });
  });
});

describe('wait queue by hand', () => {
  it('wakes all that are not exclusive, and as many that are as it is told', () => {
    start({ cpus: 1 }).run(() => {
      const wq = DECLARE_WAIT_QUEUE_HEAD('wq');
      const woken: string[] = [];
      const tasks = ['x1', 'x2', 'x3', 'a', 'b'].map((name) => on_cpu(0, () => {
        const wait = DEFINE_WAIT();
        if (name.startsWith('x')) prepare_to_wait_exclusive(wq, wait, TASK_UNINTERRUPTIBLE);
        else prepare_to_wait(wq, wait, TASK_INTERRUPTIBLE);
        schedule();
        finish_wait(wq, wait);
        woken.push(name);
      }));
      msleep(10);
      wake_up_interruptible(wq); msleep(10);
      expect(woken).toEqual(['b', 'a']);
      wake_up(wq); msleep(10);
      expect(woken).toEqual(['b', 'a', 'x1']);
      wake_up_nr(wq, 2); msleep(10);
      expect(woken).toEqual(['b', 'a', 'x1', 'x2', 'x3']);
      wake_up_all(wq);
      tasks.forEach((task) => { task.join(); });
    });
  });

  it('a wakeup between prepare_to_wait() and schedule() is not lost', () => {
    start({ cpus: 1 }).run(() => {
      const wq = DECLARE_WAIT_QUEUE_HEAD('wq');
      const wait = DEFINE_WAIT();
      prepare_to_wait(wq, wait, TASK_UNINTERRUPTIBLE);
      wake_up(wq);
      schedule();
      finish_wait(wq, wait);
      const entry = DECLARE_WAITQUEUE(kernel.sched.current());
      add_wait_queue(wq, entry);
      wake_up(wq);
      expect(waitqueue_active(wq)).toBe(1);
      remove_wait_queue(wq, entry);
      expect(waitqueue_active(wq)).toBe(0);
    });
  });

  it('reports a mutex between prepare_to_wait() and schedule()', () => {
    start().run(() => {
      const wq = DECLARE_WAIT_QUEUE_HEAD('wq');
      const m = DEFINE_MUTEX('m');
      const wait = DEFINE_WAIT();
      prepare_to_wait(wq, wait, TASK_INTERRUPTIBLE);
      mutex_lock(m);
      mutex_unlock(m);
      finish_wait(wq, wait);
    });
    expect(machine.headlines()[0]).toContain('do not call blocking ops when !TASK_RUNNING; state=1');
  });

  it('knows one that was not initialised, and a fresh one at an old address', () => {
    expect(panic_of(start(), () => { wake_up(kzalloc(sizeof(wait_queue_head_t), GFP_KERNEL)!); }).message).toContain('BUG: spinlock bad magic');
    machine.powerOff();
    start().run(() => {
      const wq = kmalloc(sizeof(wait_queue_head_t), GFP_KERNEL)!;
      init_waitqueue_head(wq);
      const entry = DECLARE_WAITQUEUE(kernel.sched.current());
      add_wait_queue(wq, entry);
      init_waitqueue_head(wq);
      expect(waitqueue_active(wq)).toBe(0);
    });
  });
});

for (const cpus of [1, 2]) {
  describe(`completion, ${cpus} CPU(s)`, () => {
    it('lets one go on for each complete()', () => {
      start({ cpus }).run(() => {
        const done = DECLARE_COMPLETION('done');
        const order: number[] = [];
        const tasks = [1, 2, 3].map((i) => { const t = on_cpu(cpus - 1, () => { wait_for_completion(done); order.push(i); }); msleep(8); return t; });
        complete(done); msleep(8);
        expect(order).toEqual([1]);
        complete_all(done);
        tasks.forEach((task) => { task.join(); });
        expect(order).toEqual([1, 2, 3]);
        wait_for_completion(done);
        expect(completion_done(done)).toBe(1);
        reinit_completion(done);
        expect([completion_done(done), try_wait_for_completion(done)]).toEqual([0, 0]);
        complete(done); complete(done);
        expect([try_wait_for_completion(done), try_wait_for_completion(done), try_wait_for_completion(done)]).toEqual([1, 1, 0]);
      });
      expect(machine.headlines()).toEqual([]);
    });
  });
}

describe('completion', () => {
  it('is completed from a hard interrupt', () => {
    start({ cpus: 1 }).run(() => {
      const done = kmalloc(sizeof(completion), GFP_KERNEL)!;
      init_completion(done);
      request_irq(5, () => { complete(done); return IRQ_HANDLED; }, 0, 'x', null);
      const task = on_cpu(0, () => { udelay(20); machine.kernel.arch.irqchip.irq_raise(5); });
      wait_for_completion(done);
      task.join();
    });
    expect(machine.headlines()).toEqual([]);
  });

  it('times out, tells the ticks left, and ends with a signal', () => {
    start().run(() => {
      const done = DECLARE_COMPLETION('done');
      expect(wait_for_completion_timeout(done, 3)).toBe(0);
      const task = on_cpu(1, () => { msleep(20); complete(done); });
      expect(wait_for_completion_timeout(done, 100)).toBeGreaterThan(85);
      task.join();
      let ret = 0;
      const victim = on_cpu(1, () => { ret = wait_for_completion_interruptible(done); }, 'victim');
      msleep(10);
      signal_task(task_named('victim'));
      victim.join();
      expect(ret).toBe(-ERESTARTSYS);
    });
  });

  it('is reported in atomic context though it is complete, and when it was not initialised', () => {
    expect(panic_of(start(), () => { const c = DECLARE_COMPLETION('c'); complete(c); spin_lock(DEFINE_SPINLOCK('l')); wait_for_completion(c); }).message)
      .toContain('invalid context at kernel/sched/completion.c:101');
    machine.powerOff();
    expect(panic_of(start(), () => { complete(kzalloc(sizeof(completion), GFP_KERNEL)!); }).message).toContain('BUG: spinlock bad magic');
  });
});
