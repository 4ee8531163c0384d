import { afterEach, describe, expect, it } from 'vitest';
import { boot, type BootOptions, type Machine } from 'ringzero';
import { udelay } from 'ringzero/linux/delay';
import { EINTR, ETIME } from 'ringzero/linux/errno';
import { IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { DEFINE_MUTEX, mutex, mutex_init, mutex_is_locked, mutex_lock, mutex_lock_interruptible, mutex_trylock, mutex_unlock } from 'ringzero/linux/mutex';
import {
  DECLARE_RWSEM, down_read, down_read_trylock, down_write, down_write_trylock, downgrade_write, init_rwsem, rw_semaphore, rwsem_is_locked, up_read, up_write,
} from 'ringzero/linux/rwsem';
import { DEFINE_SEMAPHORE, down, down_interruptible, down_timeout, down_trylock, sema_init, semaphore, up } from 'ringzero/linux/semaphore';
import { GFP_KERNEL, kfree, kmalloc, kzalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock } from 'ringzero/linux/spinlock';
import { sizeof, struct, u32 } from 'ringzero/linux/types';
import { kernel } from '../../kernel/current.js';
import { signal_task } from '../../kernel/signal.js';
import { msleep } from 'ringzero/linux/delay';
import { on_cpu, panic_of } from './machine.js';

let machine: Machine;
afterEach(() => { machine.powerOff(); });

function start(options: BootOptions = {}): Machine {
  machine = boot(options);
  return machine;
}

for (const cpus of [1, 2]) {
  describe(`mutex, ${cpus} CPU(s)`, () => {
    it('is taken, tried and left', () => {
      start({ cpus }).run(() => {
        const m = DEFINE_MUTEX('m');
        mutex_lock(m);
        expect(mutex_is_locked(m)).toBe(1);
        expect(mutex_trylock(m)).toBe(0);
        mutex_unlock(m);
        expect(mutex_trylock(m)).toBe(1);
        mutex_unlock(m);
        expect(mutex_lock_interruptible(m)).toBe(0);
        mutex_unlock(m);
        expect(mutex_is_locked(m)).toBe(0);
      });
      expect(machine.headlines()).toEqual([]);
    });

    it('goes to those who wait in their order', () => {
      start({ cpus }).run(() => {
        const m = DEFINE_MUTEX('m');
        const order: string[] = [];
        mutex_lock(m);
        const tasks = ['a', 'b', 'c'].map((name) => {
          const task = on_cpu(0, () => { mutex_lock(m); order.push(name); msleep(1); mutex_unlock(m); }, name);
          msleep(20);
          return task;
        });
        mutex_unlock(m);
        expect(mutex_trylock(m)).toBe(0);
        tasks.forEach((task) => { task.join(); });
        expect(order).toEqual(['a', 'b', 'c']);
      });
      expect(machine.headlines()).toEqual([]);
    });

    it('keeps tasks apart that sleep inside', () => {
      const counter = struct('counter', { n: u32 });
      for (let seed = 0; seed < 10; seed++) {
        const m = start({ cpus, strategy: 'random', seed });
        m.run(() => {
          const l = DEFINE_MUTEX('l');
          const c = kzalloc(sizeof(counter), GFP_KERNEL)!;
          [0, cpus - 1].map((cpu) => on_cpu(cpu, () => {
            for (let i = 0; i < 5; i++) {
              mutex_lock(l);
              const seen = counter.at(c).n;
              if (i % 2 === 0) msleep(1);
              counter.at(c).n = seen + 1;
              mutex_unlock(l);
            }
          })).forEach((task) => { task.join(); });
          expect(counter.at(c).n).toBe(10);
        });
        m.powerOff();
      }
    });
  });
}

describe('mutex faults', () => {
  it('a signal ends an interruptible wait', () => {
    start().run(() => {
      const m = DEFINE_MUTEX('m');
      let ret = 0;
      mutex_lock(m);
      const task = on_cpu(1, () => { ret = mutex_lock_interruptible(m); }, 'victim');
      msleep(10);
      signal_task([...kernel.sched.tasks.values()].find((t) => t.comm === 'victim')!);
      task.join();
      mutex_unlock(m);
      expect(ret).toBe(-EINTR);
      expect(mutex_is_locked(m)).toBe(0);
    });
    expect(machine.headlines()).toEqual([]);
  });

  it('atomic context', () => {
    const panic = panic_of(start(), () => { const m = DEFINE_MUTEX('m'); spin_lock(DEFINE_SPINLOCK('l')); mutex_lock(m); });
    expect(panic.message).toContain('BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580');
  });

  it('says nothing of a trylock in a hard interrupt, as Linux', () => {
    start().run(() => {
      const m = DEFINE_MUTEX('m');
      let got = 0;
      request_irq(5, () => { got = mutex_trylock(m); mutex_unlock(m); return IRQ_HANDLED; }, 0, 'x', null);
      machine.kernel.arch.irqchip.irq_raise(5);
      udelay(1);
      expect(got).toBe(1);
    });
    machine.raise(5);
    expect(machine.headlines()).toEqual([]);
  });

  const faults: readonly (readonly [string, string, () => void])[] = [
    ['unlock of a free one', 'WARNING: bad unlock balance detected!', () => { mutex_unlock(DEFINE_MUTEX('m')); }],
    ['unlock by another task', 'WARNING: bad unlock balance detected!', () => { const m = DEFINE_MUTEX('m'); mutex_lock(m); on_cpu(0, () => { mutex_unlock(m); }).join(); }],
    ['uninitialised', 'DEBUG_LOCKS_WARN_ON(lock->magic != lock)', () => { const m = kzalloc(sizeof(mutex), GFP_KERNEL)!; mutex_lock(m); mutex_unlock(m); }],
    ['initialised while held', 'WARNING: held lock freed!', () => { const m = DEFINE_MUTEX('m'); mutex_lock(m); mutex_init(m); mutex_unlock(m); }],
  ];
  it.each(faults)('%s', (_name, headline, fn) => {
    start().run(fn);
    expect(machine.headlines()[0]!.split('\n')[0]).toBe(headline);
  });

  it('twice by one task: reported, then never returns', () => {
    expect(() => start().run(() => { const m = DEFINE_MUTEX('m'); mutex_lock(m); mutex_lock(m); })).toThrow(/recursive locking|blocked for more than/);
    expect(machine.headlines().map((line) => line.split('\n')[0])).toEqual([
      'WARNING: possible recursive locking detected', expect.stringMatching(/^INFO: task run:\d+ blocked for more than/),
    ]);
  });

  it('is fresh when its memory is used again', () => {
    start().run(() => {
      const p = kmalloc(sizeof(mutex), GFP_KERNEL)!;
      mutex_init(p, 'first');
      kfree(p);
      const q = kmalloc(sizeof(mutex), GFP_KERNEL)!;
      mutex_init(q);
      mutex_lock(q);
      mutex_unlock(q);
      kfree(q);
    });
    expect(machine.headlines()).toEqual([]);
  });
});

describe('semaphore', () => {
  it('counts', () => {
    start().run(() => {
      const s = kmalloc(sizeof(semaphore), GFP_KERNEL)!;
      sema_init(s, 2);
      down(s);
      expect(down_trylock(s)).toBe(0);
      expect(down_trylock(s)).toBe(1);
      expect(down_timeout(s, 3)).toBe(-ETIME);
      up(s);
      expect(down_interruptible(s)).toBe(0);
    });
    expect(machine.headlines()).toEqual([]);
  });

  it('is handed to the first who waits, also from an interrupt', () => {
    start({ cpus: 1 }).run(() => {
      const s = DEFINE_SEMAPHORE('s');
      const order: number[] = [];
      request_irq(5, () => { up(s); return IRQ_HANDLED; }, 0, 'x', null);
      down(s);
      const tasks = [1, 2].map((i) => { const t = on_cpu(0, () => { down(s); order.push(i); up(s); }); msleep(10); return t; });
      machine.kernel.arch.irqchip.irq_raise(5);
      tasks.forEach((task) => { task.join(); });
      expect(order).toEqual([1, 2]);
    });
    expect(machine.headlines()).toEqual([]);
  });

  it('knows an uninitialised one', () => {
    expect(panic_of(start(), () => { down(kzalloc(sizeof(semaphore), GFP_KERNEL)!); }).message).toContain('BUG: spinlock bad magic');
  });
});

describe('rw_semaphore', () => {
  it('lets readers in together and a writer alone, in turn', () => {
    start({ cpus: 2 }).run(() => {
      const s = DECLARE_RWSEM('s');
      const order: string[] = [];
      down_read(s);
      expect(down_write_trylock(s)).toBe(0);
      const writer = on_cpu(1, () => { down_write(s); order.push('writer'); msleep(1); up_write(s); });
      msleep(10);
      const reader = on_cpu(1, () => { down_read(s); order.push('reader'); up_read(s); });
      msleep(10);
      expect(down_read_trylock(s)).toBe(0);
      order.push('first');
      up_read(s);
      writer.join();
      reader.join();
      expect(order).toEqual(['first', 'writer', 'reader']);
      expect(rwsem_is_locked(s)).toBe(0);
      down_write(s);
      downgrade_write(s);
      on_cpu(1, () => { expect(down_read_trylock(s)).toBe(1); up_read(s); }).join();
      up_read(s);
    });
    expect(machine.headlines()).toEqual([]);
  });

  const faults: readonly (readonly [string, string, () => void])[] = [
    ['two reads by one task', 'WARNING: possible recursive locking detected', () => { const s = DECLARE_RWSEM('s'); down_read(s); down_read(s); up_read(s); up_read(s); }],
    ['unlock of a free one', 'WARNING: bad unlock balance detected!', () => { up_write(DECLARE_RWSEM('s')); }],
    ['initialised while held', 'WARNING: held lock freed!', () => { const s = DECLARE_RWSEM('s'); down_read(s); init_rwsem(s); up_read(s); }],
  ];
  it.each(faults)('%s', (_name, headline, fn) => {
    start().run(fn);
    expect(machine.headlines().map((line) => line.split('\n')[0])).toEqual([headline]);
  });

  it('knows an uninitialised one, and atomic context', () => {
    start().run(() => { down_read(kzalloc(sizeof(rw_semaphore), GFP_KERNEL)!); });
    expect(machine.headlines()[0]).toContain('DEBUG_RWSEMS_WARN_ON(sem->magic != sem)');
    machine.powerOff();
    expect(panic_of(start(), () => { const s = DECLARE_RWSEM('s'); spin_lock(DEFINE_SPINLOCK('l')); down_read(s); }).message)
      .toContain('at kernel/locking/rwsem.c:1519');
  });
});
