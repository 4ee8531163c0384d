import { afterEach, describe, expect, it } from 'vitest';
import { boot, type BootOptions, type Machine } from 'ringzero';
import {
  atomic_add, atomic_add_negative, atomic_add_return, atomic_add_unless, atomic_cmpxchg, atomic_dec, atomic_dec_and_test, atomic_dec_if_positive, atomic_fetch_add,
  atomic_fetch_or, atomic_inc, ATOMIC_INIT, atomic_inc_not_zero, atomic_inc_return, atomic_read, atomic_set, atomic_sub_return, atomic_t, atomic_xchg,
} from 'ringzero/linux/atomic';
import {
  __clear_bit, __set_bit, __test_and_set_bit, change_bit, clear_bit, find_first_bit, find_first_zero_bit, find_next_bit, set_bit, test_and_clear_bit, test_and_set_bit, test_bit,
} from 'ringzero/linux/bitops';
import {
  refcount_dec, refcount_dec_and_test, refcount_inc, refcount_inc_not_zero, REFCOUNT_INIT, refcount_read, REFCOUNT_SATURATED, refcount_set,
} from 'ringzero/linux/refcount';
import { GFP_KERNEL, kfree, kzalloc } from 'ringzero/linux/slab';
import { sizeof, struct, u32 } from 'ringzero/linux/types';
import { on_cpu, panic_of } from './machine.js';

let machine: Machine;
afterEach(() => { machine.powerOff(); });

function start(options: BootOptions = {}): Machine {
  machine = boot(options);
  return machine;
}

describe('atomic_t', () => {
  it('reckons as Linux does', () => {
    start().run(() => {
      const v = ATOMIC_INIT(5);
      expect(atomic_read(v)).toBe(5);
      atomic_inc(v); atomic_add(4, v); atomic_dec(v);
      expect(atomic_read(v)).toBe(9);
      expect([atomic_add_return(1, v), atomic_sub_return(3, v), atomic_inc_return(v), atomic_fetch_add(2, v)]).toEqual([10, 7, 8, 8]);
      expect([atomic_cmpxchg(v, 9, 1), atomic_cmpxchg(v, 10, 1), atomic_read(v), atomic_xchg(v, 7)]).toEqual([10, 10, 1, 1]);
      expect([atomic_fetch_or(8, v), atomic_read(v)]).toEqual([7, 15]);
      atomic_set(v, 1);
      expect([atomic_dec_and_test(v), atomic_inc_not_zero(v), atomic_add_unless(v, 1, 1), atomic_dec_if_positive(v)]).toEqual([true, false, true, 0]);
      expect([atomic_dec_if_positive(v), atomic_read(v), atomic_add_negative(-1, v)]).toEqual([-1, 0, true]);
      atomic_set(v, 0x7fffffff);
      expect(atomic_inc_return(v)).toBe(-0x80000000);
    });
  });

  it('loses nothing between CPUs, under any schedule', () => {
    const dev = struct('dev', { id: u32, users: atomic_t });
    for (let seed = 0; seed < 20; seed++) {
      const m = start({ cpus: 2, strategy: 'random', seed });
      expect(m.run(() => {
        const p = kzalloc(sizeof(dev), GFP_KERNEL)!;
        [0, 1].map((cpu) => on_cpu(cpu, () => { for (let i = 0; i < 20; i++) atomic_inc(dev.at(p).users); })).forEach((task) => { task.join(); });
        return atomic_read(dev.at(p).users);
      })).toBe(40);
      m.powerOff();
    }
  });

  it('checks the memory', () => {
    expect(panic_of(start(), () => { const p = kzalloc(sizeof(atomic_t), GFP_KERNEL)!; kfree(p); atomic_inc(p); }).message).toContain('use-after-free');
  });
});

describe('bitops', () => {
  it('count from bit 0 of the first word', () => {
    start().run(() => {
      const p = kzalloc(16, GFP_KERNEL)!;
      set_bit(33, p); set_bit(31, p); change_bit(1, p);
      expect([test_bit(33, p), test_bit(32, p), test_bit(31, p), test_bit(1, p)]).toEqual([1, 0, 1, 1]);
      expect([test_and_set_bit(33, p), test_and_set_bit(34, p), test_and_clear_bit(34, p), test_bit(34, p)]).toEqual([1, 0, 1, 0]);
      expect([find_first_bit(p, 128), find_next_bit(p, 128, 2), find_next_bit(p, 128, 32), find_next_bit(p, 128, 34)]).toEqual([1, 31, 33, 128]);
      clear_bit(31, p); __set_bit(0, p); __clear_bit(33, p);
      expect([find_first_zero_bit(p, 64), __test_and_set_bit(2, p), find_first_zero_bit(p, 64), find_first_zero_bit(p, 3)]).toEqual([2, 0, 3, 3]);
      expect(test_bit(31, p)).toBe(0);
    });
  });

  it('lose an update without atomicity, for some schedule', () => {
    let lost = 0;
    for (let seed = 0; seed < 40; seed++) {
      const m = start({ cpus: 2, strategy: 'random', seed });
      m.run(() => {
        const p = kzalloc(4, GFP_KERNEL)!;
        [0, 1].map((cpu) => on_cpu(cpu, () => { for (let i = 0; i < 16; i++) __set_bit(2 * i + cpu, p); })).forEach((task) => { task.join(); });
        if (find_first_zero_bit(p, 32) < 32) lost++;
      });
      m.powerOff();
    }
    expect(lost).toBeGreaterThan(0);
  });
});

describe('refcount_t', () => {
  it('counts', () => {
    start().run(() => {
      const r = REFCOUNT_INIT(1);
      refcount_inc(r);
      expect([refcount_dec_and_test(r), refcount_read(r), refcount_dec_and_test(r), refcount_inc_not_zero(r)]).toEqual([false, 1, true, false]);
    });
    expect(machine.headlines()).toEqual([]);
  });

  const faults: readonly (readonly [string, string, () => void])[] = [
    ['addition on 0', 'refcount_t: addition on 0; use-after-free.', () => { const r = REFCOUNT_INIT(0); refcount_inc(r); expect(refcount_read(r)).toBe(REFCOUNT_SATURATED); }],
    ['underflow', 'refcount_t: underflow; use-after-free.', () => { refcount_dec_and_test(REFCOUNT_INIT(0)); }],
    ['overflow', 'refcount_t: saturated; leaking memory.', () => { const r = REFCOUNT_INIT(0); refcount_set(r, 0x7fffffff); refcount_inc(r); expect(refcount_read(r)).toBe(REFCOUNT_SATURATED); }],
    ['decrement to 0', 'refcount_t: decrement hit 0; leaking memory.', () => { refcount_dec(REFCOUNT_INIT(1)); }],
  ];
  it.each(faults)('%s', (_name, headline, fn) => {
    start().run(fn);
    expect(machine.headlines().map((line) => line.split('\n')[0])).toEqual([headline]);
  });
});
