import { afterEach, describe, expect, it } from 'vitest';
import { boot, KernelPanic, type BootOptions, type Machine } from 'ringzero';
import { irqs_disabled, local_irq_disable, local_irq_enable } from 'ringzero/linux/irqflags';
import { IRQ_HANDLED, request_irq } from 'ringzero/linux/interrupt';
import { in_softirq, preempt_count } from 'ringzero/linux/preempt';
import { GFP_KERNEL, kfree, kmalloc, kzalloc } from 'ringzero/linux/slab';
import {
  assert_spin_locked, DEFINE_SPINLOCK, lockdep_assert_held, spin_is_contended, spin_is_locked, spin_lock, spin_lock_bh, spin_lock_init, spin_lock_irq,
  spin_lock_irqsave, spin_trylock, spin_trylock_bh, spin_trylock_irq, spin_trylock_irqsave, spin_unlock, spin_unlock_bh, spin_unlock_irq,
  spin_unlock_irqrestore, spinlock_t,
} from 'ringzero/linux/spinlock';
import { type Ptr, sizeof, struct, u32, u8 } from 'ringzero/linux/types';
import { ktime_get_ns } from 'ringzero/linux/ktime';
import { udelay } from 'ringzero/linux/delay';
import { on_cpu, panic_of } from './machine.js';

let machine: Machine;
afterEach(() => { machine.powerOff(); });

function start(options: BootOptions = {}): Machine {
  machine = boot(options);
  return machine;
}

describe('spinlock', () => {
  it('sets and restores the context in each variant', () => {
    const seen = start().run(() => {
      const l = DEFINE_SPINLOCK('l');
      const states: unknown[] = [];
      const note = (): void => { states.push([preempt_count(), irqs_disabled(), spin_is_locked(l)]); };
      spin_lock(l); note(); spin_unlock(l); note();
      spin_lock_irq(l); note(); spin_unlock_irq(l); note();
      const flags = spin_lock_irqsave(l); note(); spin_unlock_irqrestore(l, flags); note();
      spin_lock_bh(l); note(); states.push(in_softirq()); spin_unlock_bh(l); note();
      return states;
    });
    expect(seen).toEqual([[1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 0, 0], [1, 1, 1], [0, 0, 0], [0x201, 0, 1], 1, [0, 0, 0]]);
    expect(machine.headlines()).toEqual([]);
  });

  it('saves the flag that it finds', () => {
    start().run(() => {
      const l = DEFINE_SPINLOCK('l');
      local_irq_disable();
      const flags = spin_lock_irqsave(l);
      spin_unlock_irqrestore(l, flags);
      expect(irqs_disabled()).toBe(1);
      local_irq_enable();
    });
  });

  it('tries without waiting, and leaves the context alone where it fails', () => {
    start().run(() => {
      const l = DEFINE_SPINLOCK('l');
      expect(spin_trylock(l)).toBe(1);
      expect(spin_trylock(l)).toBe(0);
      expect(spin_trylock_irq(l)).toBe(0);
      expect(spin_trylock_irqsave(l)).toBeNull();
      expect(spin_trylock_bh(l)).toBe(0);
      expect([preempt_count(), irqs_disabled()]).toEqual([1, 0]);
      spin_unlock(l);
      const flags = spin_trylock_irqsave(l);
      expect(irqs_disabled()).toBe(1);
      spin_unlock_irqrestore(l, flags!);
      expect(spin_trylock_bh(l)).toBe(1);
      spin_unlock_bh(l);
      expect([preempt_count(), irqs_disabled()]).toEqual([0, 0]);
    });
    expect(machine.headlines()).toEqual([]);
  });

  it('lives inside a struct, at any multiple of 4', () => {
    const dev = struct('dev', { id: u32, lock: spinlock_t, n: u8 });
    start().run(() => {
      const p = kmalloc(sizeof(dev), GFP_KERNEL)!;
      const { lock } = dev.at(p);
      spin_lock_init(lock, '&dev->lock');
      spin_lock(lock);
      lockdep_assert_held(lock);
      assert_spin_locked(lock);
      spin_unlock(lock);
      kfree(p);
    });
    expect(machine.headlines()).toEqual([]);
  });

  it('may be left in any order', () => {
    start().run(() => {
      const a = DEFINE_SPINLOCK('a');
      const b = DEFINE_SPINLOCK('b');
      spin_lock(a); spin_lock(b); spin_unlock(a); spin_unlock(b);
    });
    expect(machine.headlines()).toEqual([]);
    expect(machine.leftovers()).toEqual([]);
  });

  it('keeps track of more locks than MAX_LOCK_DEPTH, and says so', () => {
    start().run(() => {
      const locks = Array.from({ length: 60 }, (_, i) => DEFINE_SPINLOCK(`l${i}`));
      locks.forEach((l) => { spin_lock(l); });
      locks.forEach((l) => { spin_unlock(l); });
      expect(preempt_count()).toBe(0);
    });
    expect(machine.headlines().map((line) => line.split('\n')[0])).toEqual(['BUG: MAX_LOCK_DEPTH too low!']);
  });
});

describe('contention', () => {
  it('costs the one who waits what the other takes, and no more', () => {
    start({ cpus: 2 }).run(() => {
      const l = DEFINE_SPINLOCK('l');
      let got = 0;
      spin_lock(l);
      const waiter = on_cpu(1, () => { spin_lock(l); got = ktime_get_ns(); spin_unlock(l); });
      udelay(50);
      expect(spin_is_contended(l)).toBe(1);
      const left = ktime_get_ns();
      spin_unlock(l);
      waiter.join();
      expect(got - left).toBeGreaterThan(0);
      expect(got - left).toBeLessThan(200);
    });
  });

  it('is first come, first served', () => {
    start({ cpus: 4 }).run(() => {
      const l = DEFINE_SPINLOCK('l');
      const order: number[] = [];
      spin_lock(l);
      const waiters = [2, 1, 3].map((cpu, i) => on_cpu(cpu, () => {
        udelay(10 * (i + 1));
        spin_lock(l);
        order.push(cpu);
        udelay(5);
        spin_unlock(l);
      }));
      udelay(100);
      spin_unlock(l);
      waiters.forEach((waiter) => { waiter.join(); });
      expect(order).toEqual([2, 1, 3]);
    });
  });

  it('lets interrupts in while it spins, unless they are disabled', () => {
    for (const irqsave of [false, true]) {
      const m = start({ cpus: 2 });
      m.run(() => {
        const l = DEFINE_SPINLOCK('l');
        let held = true;
        const during: boolean[] = [];
        expect(request_irq(5, () => { during.push(held); return IRQ_HANDLED; }, 0, 'x', null)).toBe(0);
        m.kernel.arch.irqchip.irq_set_affinity(5, 1);
        spin_lock(l);
        const waiter = on_cpu(1, () => {
          if (irqsave) { const flags = spin_lock_irqsave(l); spin_unlock_irqrestore(l, flags); } else { spin_lock(l); spin_unlock(l); }
        });
        udelay(20);
        m.kernel.arch.irqchip.irq_raise(5);
        udelay(20);
        held = false;
        spin_unlock(l);
        waiter.join();
        expect(during).toEqual([!irqsave]);
      });
      m.powerOff();
    }
  });

  it('keeps two CPUs apart under any schedule', () => {
    for (let seed = 0; seed < 40; seed++) {
      const m = start({ cpus: 2, strategy: 'random', seed });
      expect(m.run(() => count(true))).toBe(40);
      m.powerOff();
    }
  });

  it('is missed where it is left out: some schedule loses an update', () => {
    let lost = 0;
    for (let seed = 0; seed < 40; seed++) {
      const m = start({ cpus: 2, strategy: 'random', seed });
      if (m.run(() => count(false)) < 40) lost++;
      m.powerOff();
    }
    expect(lost).toBeGreaterThan(0);
  });
});

const counter = struct('counter', { n: u32 });

function count(locked: boolean): number {
  const l = DEFINE_SPINLOCK('l');
  const c = kzalloc(sizeof(counter), GFP_KERNEL)!;
  const adders = [0, 1].map((cpu) => on_cpu(cpu, () => {
    for (let i = 0; i < 20; i++) {
      if (locked) spin_lock(l);
      const seen = counter.at(c).n;
      counter.at(c).n = seen + 1;
      if (locked) spin_unlock(l);
    }
  }));
  adders.forEach((adder) => { adder.join(); });
  return counter.at(c).n;
}

describe('faults', () => {
  for (const cpus of [1, 2]) {
    it(`recursion, on ${cpus} CPU(s)`, () => {
      const panic = panic_of(start({ cpus }), () => { const l = DEFINE_SPINLOCK('l'); spin_lock(l); spin_lock(l); });
      expect(panic.message).toMatch(/BUG: spinlock recursion on CPU#\d, run\/\d+/);
      expect(panic.report).toMatch(/ lock: l, \.magic: dead4ead, \.owner: run\/\d+, \.owner_cpu: \d/);
    });
  }

  it('recursion through an interrupt', () => {
    const m = start({ cpus: 1 });
    const panic = panic_of(m, () => {
      const l = DEFINE_SPINLOCK('l');
      request_irq(5, () => { spin_lock(l); spin_unlock(l); return IRQ_HANDLED; }, 0, 'x', null);
      spin_lock(l);
      m.kernel.arch.irqchip.irq_raise(5);
      udelay(1);
      spin_unlock(l);
    });
    expect(panic.message).toContain('BUG: spinlock recursion on CPU#0');
    expect(panic.report).toContain('<IRQ>');
  });

  it('recursion that a rule lets pass ends in a lockup, at once', () => {
    const panic = panic_of(start({ cpus: 1, rules: { spinlock: 'warn' } }), () => { const l = DEFINE_SPINLOCK('l'); spin_lock(l); spin_lock(l); });
    expect(panic.report).toContain('BUG: spinlock recursion on CPU#0');
    expect(machine.headlines()).toEqual([expect.stringContaining('BUG: spinlock recursion'), expect.stringContaining('BUG: spinlock lockup suspected on CPU#0')]);
  });

  it('goes on where all rules say so, and never hangs', () => {
    const m = start({ cpus: 1, rules: { spinlock: 'warn', lockup: 'warn' } });
    m.run(() => { const l = DEFINE_SPINLOCK('l'); spin_lock(l); spin_lock(l); spin_unlock(l); spin_unlock(l); expect(preempt_count()).toBe(0); });
    expect(m.headlines()).toHaveLength(2);
  });

  it('AB-BA between two CPUs', () => {
    const m = start({ cpus: 2 });
    const panic = panic_of(m, () => {
      const a = DEFINE_SPINLOCK('a');
      const b = DEFINE_SPINLOCK('b');
      const other = on_cpu(1, () => { spin_lock(b); udelay(10); spin_lock(a); });
      spin_lock(a); udelay(10); spin_lock(b);
      other.join();
    });
    expect(panic.message).toMatch(/BUG: spinlock lockup suspected on CPU#[01]/);
    expect(panic.report).toContain('spins for');
    expect(panic.report.match(/locks? held by/g)!.length).toBeGreaterThanOrEqual(2);
    expect(m.now()).toBeLessThan(1_000_000);
  });

  it('a circle through an interrupt: the handler wants the lock that its CPU stands in line for', () => {
    const m = start({ cpus: 2 });
    const panic = panic_of(m, () => {
      const a = DEFINE_SPINLOCK('a');
      request_irq(5, () => { spin_lock(a); spin_unlock(a); return IRQ_HANDLED; }, 0, 'x', null);
      m.kernel.arch.irqchip.irq_set_affinity(5, 1);
      spin_lock(a);
      const other = on_cpu(1, () => { spin_lock(a); spin_unlock(a); });
      udelay(10);
      m.kernel.arch.irqchip.irq_raise(5);
      udelay(10);
      spin_unlock(a);
      other.join();
    });
    expect(panic.message).toContain('BUG: spinlock lockup suspected on CPU#1');
  });

  it('an uninitialised lock', () => {
    const panic = panic_of(start(), () => { spin_lock(kzalloc(sizeof(spinlock_t), GFP_KERNEL)!); });
    expect(panic.message).toMatch(/BUG: spinlock bad magic on CPU#\d, run\/\d+/);
    expect(panic.report).toContain('.magic: 00000000, .owner: <none>/-1, .owner_cpu: 0');
  });

  it('an unlock of a lock that is free', () => {
    const panic = panic_of(start(), () => { spin_unlock(DEFINE_SPINLOCK('l')); });
    expect(panic.message).toContain('WARNING: bad unlock balance detected!');
    expect(panic.report).toMatch(/run\/\d+ is trying to release lock \(l\) at:/);
  });

  it('an unlock by another task', () => {
    const panic = panic_of(start({ cpus: 2 }), () => {
      const l = DEFINE_SPINLOCK('l');
      spin_lock(l);
      on_cpu(1, () => { spin_unlock(l); });
      udelay(100);
    });
    expect(panic.message).toContain('WARNING: bad unlock balance detected!');
  });

  it('a held lock that is initialised again', () => {
    const m = start();
    m.run(() => { const l = DEFINE_SPINLOCK('l'); spin_lock(l); spin_lock_init(l); spin_unlock(l); });
    expect(m.headlines()).toEqual([expect.stringContaining('WARNING: held lock freed!')]);
  });

  it('a freed lock', () => {
    const panic = panic_of(start(), () => {
      const l = kmalloc(sizeof(spinlock_t), GFP_KERNEL)!;
      spin_lock_init(l);
      kfree(l);
      spin_lock(l);
    });
    expect(panic.message).toContain('use-after-free');
  });

  it('a null pointer', () => {
    expect(panic_of(start(), () => { spin_lock(0 as Ptr<never>); })).toBeInstanceOf(KernelPanic);
  });

  it('an assertion that a lock is held', () => {
    const m = start();
    m.run(() => { lockdep_assert_held(DEFINE_SPINLOCK('l')); });
    expect(m.headlines()[0]).toMatch(/^WARNING: CPU: \d PID: \d+ at /);
  });

  it('spin_unlock_irq in a region that wanted interrupts off', () => {
    const m = start();
    m.run(() => {
      const a = DEFINE_SPINLOCK('a');
      const b = DEFINE_SPINLOCK('b');
      const flags = spin_lock_irqsave(a);
      spin_lock_irq(b); spin_unlock_irq(b);
      spin_unlock_irqrestore(a, flags);
    });
    expect(m.headlines()).toEqual(['raw_local_irq_restore() called with IRQs enabled']);
  });

  it('spin_lock_bh in a hard interrupt', () => {
    const m = start();
    m.run(() => {
      const l = DEFINE_SPINLOCK('l');
      request_irq(5, () => { spin_lock_bh(l); spin_unlock_bh(l); return IRQ_HANDLED; }, 0, 'x', null);
      m.kernel.arch.irqchip.irq_raise(5);
      udelay(1);
    });
    expect(m.headlines()[0]).toMatch(/^WARNING: CPU: \d PID: \d+ at kernel\/softirq.c:\d+ __local_bh_disable_ip/);
  });
});

it('keeps preemption off for a task that is due, until the unlock', () => {
  start({ cpus: 1 }).run(() => {
    const l = DEFINE_SPINLOCK('l');
    let ran = false;
    spin_lock(l);
    const other = on_cpu(0, () => { ran = true; });
    udelay(50_000);
    expect(ran).toBe(false);
    spin_unlock(l);
    expect(ran).toBe(true);
    other.join();
  });
});
