import { afterEach, describe, expect, it } from 'vitest';
import { boot, type BootOptions, type Machine } from 'ringzero';
import { container_of } from 'ringzero/linux/container_of';
import { msleep, udelay } from 'ringzero/linux/delay';
import { in_serving_softirq, preempt_count, preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import {
  call_rcu, kfree_rcu, rcu_assign_pointer, rcu_barrier, rcu_dereference, rcu_dereference_protected, rcu_head, rcu_read_lock, rcu_read_lock_held, rcu_read_unlock, synchronize_rcu,
} from 'ringzero/linux/rcupdate';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock } from 'ringzero/linux/spinlock';
import { type PtrTo, sizeof, struct, u32 } from 'ringzero/linux/types';
import { on_cpu, panic_of } from './machine.js';

let machine: Machine;
afterEach(() => { machine.powerOff(); });

function start(options: BootOptions = {}): Machine {
  machine = boot(options);
  return machine;
}

const dog = struct('dog', { weight: u32, rcu: rcu_head });
type Dog = PtrTo<typeof dog>;

for (const cpus of [1, 2]) {
  describe(`rcu, ${cpus} CPU(s)`, () => {
    it('synchronize_rcu() waits for those who are inside, preempted ones too', () => {
      start({ cpus }).run(() => {
        let inside = false;
        const reader = on_cpu(cpus - 1, () => {
          rcu_read_lock();
          inside = true;
          expect([preempt_count(), rcu_read_lock_held()]).toEqual([0, 1]);
          udelay(500_000);
          inside = false;
          rcu_read_unlock();
        });
        msleep(1);
        expect(inside).toBe(true);
        synchronize_rcu();
        expect(inside).toBe(false);
        reader.join();
      });
      expect(machine.headlines()).toEqual([]);
    });

    it('calls back in softirq context, and rcu_barrier() waits for it', () => {
      start({ cpus }).run(() => {
        const p: Dog = kmalloc(sizeof(dog), GFP_KERNEL)!;
        dog.at(p).weight = 3;
        const seen: unknown[] = [];
        call_rcu(dog.at(p).rcu, (head) => {
          const owner = container_of(head, dog, 'rcu');
          seen.push(in_serving_softirq(), dog.at(owner).weight);
          kfree(owner);
        });
        expect(seen).toEqual([]);
        rcu_barrier();
        expect(seen).toEqual([1, 3]);
      });
      expect(machine.headlines()).toEqual([]);
      expect(machine.leftovers()).toEqual([]);
    });
  });
}

describe('rcu', () => {
  it('a reader never meets freed memory under any schedule', () => {
    for (let seed = 0; seed < 15; seed++) {
      const m = start({ cpus: 2, strategy: 'random', seed });
      m.run(() => {
        const fresh = (weight: number): Dog => { const p = kmalloc(sizeof(dog), GFP_KERNEL)!; dog.at(p).weight = weight; return p; };
        let gp: Dog = fresh(1);
        const reader = on_cpu(1, () => {
          for (let i = 0; i < 20; i++) {
            rcu_read_lock();
            const p = rcu_dereference(gp);
            expect(dog.at(p).weight).toBeGreaterThan(0);
            rcu_read_unlock();
          }
        });
        for (let i = 2; i < 5; i++) {
          const old = rcu_dereference_protected(gp, true);
          gp = rcu_assign_pointer(fresh(i));
          if (i === 3) kfree_rcu(old, 'rcu');
          else { synchronize_rcu(); kfree(old); }
        }
        reader.join();
        rcu_barrier();
        kfree(gp);
      });
      expect(m.headlines()).toEqual([]);
      expect(m.leftovers()).toEqual([]);
      m.powerOff();
    }
  });

  it('code that cannot be preempted is a reader too', () => {
    start({ cpus: 2 }).run(() => {
      let inside = false;
      const reader = on_cpu(1, () => { preempt_disable(); inside = true; udelay(100_000); inside = false; preempt_enable(); });
      udelay(10);
      expect(inside).toBe(true);
      synchronize_rcu();
      expect(inside).toBe(false);
      reader.join();
    });
  });

  const warnings: readonly (readonly [string, string, () => void])[] = [
    ['an unlock too many', 'WARNING: bad unlock balance detected!', () => { rcu_read_unlock(); }],
    ['a dereference outside of a reader', 'WARNING: suspicious RCU usage', () => { rcu_dereference(1); }],
    ['sleeping in a reader', 'Voluntary context switch within RCU read-side critical section!', () => { rcu_read_lock(); msleep(1); rcu_read_unlock(); }],
  ];
  it.each(warnings)('%s', (_name, headline, fn) => {
    start().run(fn);
    expect(machine.headlines()[0]!.split('\n')[0]).toBe(headline);
  });

  it('synchronize_rcu() in a reader and in atomic context', () => {
    expect(panic_of(start(), () => { rcu_read_lock(); synchronize_rcu(); }).message).toContain('WARNING: suspicious RCU usage');
    machine.powerOff();
    expect(panic_of(start(), () => { spin_lock(DEFINE_SPINLOCK('l')); synchronize_rcu(); }).message).toContain('invalid context at kernel/sched/completion.c:101');
  });

  it('call_rcu() twice, and on memory that was freed meanwhile', () => {
    const m = start();
    const called: string[] = [];
    m.run(() => {
      const p = kmalloc(sizeof(dog), GFP_KERNEL)!;
      call_rcu(dog.at(p).rcu, function first() { called.push('first'); });
      call_rcu(dog.at(p).rcu, function second() { called.push('second'); });
      rcu_barrier();
      expect(called).toEqual([]);
      call_rcu(dog.at(p).rcu, () => { called.push('again'); });
      rcu_barrier();
    });
    expect(m.headlines()).toEqual([expect.stringMatching(/^ODEBUG: activate active \(active state 1\) object type: rcu_head hint: 0x0\nWARNING: CPU: 0 PID: \d+ at lib\/debugobjects\.c:515 debug_print_object$/)]);
    expect(m.log().join('\n')).toMatch(/^rcu: call_rcu\(\): Double-freed CB [0-9a-f]{8}->first\(\)!!! {2} slab kmalloc-\d+ start [0-9a-f]{8} pointer offset 4 size 12$/m);
    expect(called).toEqual(['again']);
    m.powerOff();
    expect(panic_of(start(), () => {
      const p = kmalloc(sizeof(dog), GFP_KERNEL)!;
      call_rcu(dog.at(p).rcu, () => undefined);
      kfree(p);
      rcu_barrier();
    }).message).toContain('use-after-free');
  });

  it('kfree_rcu() twice frees once', () => {
    const m = start();
    m.run(() => {
      const p = kmalloc(sizeof(dog), GFP_KERNEL);
      kfree_rcu(p, 'rcu');
      kfree_rcu(p, 'rcu');
      rcu_barrier();
    });
    expect(m.headlines().map((headline) => headline.split('\n')[0])).toEqual([
      'ODEBUG: activate active (active state 1) object type: rcu_head hint: 0x0',
      expect.stringMatching(/^kvfree_call_rcu\(\): Double-freed call\. rcu_head [0-9a-f]{8}$/),
    ]);
  });

  it('a reader that never leaves is reported as a stall', () => {
    const panic = panic_of(start({ cpus: 2 }), () => {
      on_cpu(1, () => { rcu_read_lock(); for (;;) udelay(100_000); });
      msleep(1);
      synchronize_rcu();
    });
    expect(panic.message).toMatch(/rcu_preempt detected stalls|soft lockup/);
  });
});
