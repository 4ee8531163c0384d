import { afterEach, describe, expect, it } from 'vitest';
import { boot, type BootOptions, type Machine } from 'ringzero';
import { udelay } from 'ringzero/linux/delay';
import { IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { irqs_disabled } from 'ringzero/linux/irqflags';
import { preempt_count } from 'ringzero/linux/preempt';
import {
  DEFINE_RWLOCK, read_lock, read_lock_bh, read_lock_irq, read_lock_irqsave, read_trylock, read_unlock, read_unlock_bh, read_unlock_irq,
  read_unlock_irqrestore, rwlock_init, rwlock_t, write_lock, write_lock_bh, write_lock_irq, write_lock_irqsave, write_trylock,
  write_trylock_irqsave, write_unlock, write_unlock_bh, write_unlock_irq, write_unlock_irqrestore,
} from 'ringzero/linux/rwlock';
import { GFP_KERNEL, kzalloc } from 'ringzero/linux/slab';
import { sizeof, struct, u32 } from 'ringzero/linux/types';
import { on_cpu, panic_of } from './machine.js';

let machine: Machine;
afterEach(() => { machine.powerOff(); });

function start(options: BootOptions = {}): Machine {
  machine = boot(options);
  return machine;
}

describe('rwlock', () => {
  it('sets and restores the context in each variant', () => {
    start().run(() => {
      const l = DEFINE_RWLOCK('l');
      const now = (): unknown => [preempt_count(), irqs_disabled()];
      read_lock(l); expect(now()).toEqual([1, 0]); read_unlock(l);
      write_lock(l); expect(now()).toEqual([1, 0]); write_unlock(l);
      read_lock_irq(l); expect(now()).toEqual([1, 1]); read_unlock_irq(l);
      write_lock_irq(l); expect(now()).toEqual([1, 1]); write_unlock_irq(l);
      let flags = read_lock_irqsave(l); expect(now()).toEqual([1, 1]); read_unlock_irqrestore(l, flags);
      flags = write_lock_irqsave(l); expect(now()).toEqual([1, 1]); write_unlock_irqrestore(l, flags);
      read_lock_bh(l); expect(now()).toEqual([0x201, 0]); read_unlock_bh(l);
      write_lock_bh(l); expect(now()).toEqual([0x201, 0]); write_unlock_bh(l);
      expect(now()).toEqual([0, 0]);
    });
    expect(machine.headlines()).toEqual([]);
  });

  it('tries for readers and for one writer', () => {
    start({ cpus: 2 }).run(() => {
      const l = DEFINE_RWLOCK('l');
      let tried: unknown[] = [];
      expect(read_trylock(l)).toBe(1);
      const other = on_cpu(1, () => {
        tried = [read_trylock(l), write_trylock(l), write_trylock_irqsave(l)];
        read_unlock(l);
      });
      udelay(50);
      read_unlock(l);
      other.join();
      expect(tried).toEqual([1, 0, null]);
    });
  });

  it('lets readers in together and a writer alone', () => {
    start({ cpus: 3 }).run(() => {
      const l = DEFINE_RWLOCK('l');
      let inside = 0;
      let most = 0;
      let writer_saw = -1;
      const readers = [0, 1].map((cpu) => on_cpu(cpu, () => {
        read_lock(l);
        most = Math.max(most, ++inside);
        udelay(20);
        inside--;
        read_unlock(l);
      }));
      const writer = on_cpu(2, () => { udelay(5); write_lock(l); writer_saw = inside; write_unlock(l); });
      [...readers, writer].forEach((task) => { task.join(); });
      expect(most).toBe(2);
      expect(writer_saw).toBe(0);
    });
  });

  it('does not let new readers pass a writer that waits, but those in an interrupt', () => {
    start({ cpus: 3 }).run(() => {
      const l = DEFINE_RWLOCK('l');
      const order: string[] = [];
      request_irq(5, () => { read_lock(l); order.push('irq'); read_unlock(l); return IRQ_HANDLED; }, 0, 'x', null);
      machine.kernel.arch.irqchip.irq_set_affinity(5, 0);
      const first = on_cpu(0, () => {
        read_lock(l);
        udelay(20);
        machine.kernel.arch.irqchip.irq_raise(5);
        udelay(20);
        order.push('first');
        read_unlock(l);
      });
      const writer = on_cpu(1, () => { udelay(5); write_lock(l); order.push('writer'); udelay(5); write_unlock(l); });
      const second = on_cpu(2, () => { udelay(10); read_lock(l); order.push('second'); read_unlock(l); });
      [first, writer, second].forEach((task) => { task.join(); });
      expect(order).toEqual(['irq', 'first', 'writer', 'second']);
    });
    expect(machine.headlines()).toEqual([]);
  });

  it('keeps writers apart under any schedule', () => {
    const counter = struct('counter', { n: u32 });
    for (let seed = 0; seed < 20; seed++) {
      const m = start({ cpus: 2, strategy: 'random', seed });
      const n = m.run(() => {
        const l = DEFINE_RWLOCK('l');
        const c = kzalloc(sizeof(counter), GFP_KERNEL)!;
        [0, 1].map((cpu) => on_cpu(cpu, () => {
          for (let i = 0; i < 10; i++) {
            write_lock(l);
            counter.at(c).n = counter.at(c).n + 1;
            write_unlock(l);
            read_lock(l);
            read_unlock(l);
          }
        })).forEach((task) => { task.join(); });
        return counter.at(c).n;
      });
      expect(n).toBe(20);
      m.powerOff();
    }
  });
});

describe('faults', () => {
  const faults: readonly (readonly [string, RegExp, () => void])[] = [
    ['write after read', /possible recursive locking detected/, () => { const l = DEFINE_RWLOCK('l'); read_lock(l); write_lock(l); }],
    ['write after write', /possible recursive locking detected/, () => { const l = DEFINE_RWLOCK('l'); write_lock(l); write_lock(l); }],
    ['read after read', /possible recursive locking detected/, () => { const l = DEFINE_RWLOCK('l'); read_lock(l); read_lock(l); }],
    ['uninitialised', /BUG: rwlock bad magic on CPU#/, () => { read_lock(kzalloc(sizeof(rwlock_t), GFP_KERNEL)!); }],
    ['unlock of a free one', /bad unlock balance detected!/, () => { read_unlock(DEFINE_RWLOCK('l')); }],
    ['write unlock of a free one', /bad unlock balance detected!/, () => { write_unlock(DEFINE_RWLOCK('l')); }],
  ];
  it.each(faults)('%s', (_name, headline, fn) => {
    expect(panic_of(start(), fn).message).toMatch(headline);
  });

  it('write after read is a lockup at once where the first report lets it pass', () => {
    panic_of(start({ rules: { spinlock: 'warn' } }), () => { const l = DEFINE_RWLOCK('l'); read_lock(l); write_lock(l); });
    expect(machine.headlines()[1]).toContain('BUG: rwlock lockup suspected on CPU#');
  });

  it('AB-BA of readers and writers on two CPUs', () => {
    const panic = panic_of(start({ cpus: 2 }), () => {
      const a = DEFINE_RWLOCK('a');
      const b = kzalloc(sizeof(rwlock_t), GFP_KERNEL)!;
      rwlock_init(b, 'b');
      const other = on_cpu(1, () => { read_lock(b); udelay(10); write_lock(a); });
      read_lock(a); udelay(10); write_lock(b);
      other.join();
    });
    expect(panic.message).toMatch(/BUG: rwlock lockup suspected on CPU#[01]/);
  });
});
