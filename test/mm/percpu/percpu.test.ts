/** Variables of which each CPU has a copy. */
import { afterEach, expect, test } from 'vitest';
import { boot, type BootOptions, type Machine } from 'ringzero';
import { kthread_run } from 'ringzero/linux/kthread';
import { wait_for_completion, DECLARE_COMPLETION, complete } from 'ringzero/linux/completion';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import {
  __alloc_percpu, __this_cpu_add, __this_cpu_inc, __this_cpu_read, alloc_percpu, DEFINE_PER_CPU, for_each_online_cpu, for_each_possible_cpu, free_percpu, get_cpu_var,
  per_cpu, per_cpu_ptr, percpu_field, type percpu_ptr, put_cpu_var, raw_cpu_add, this_cpu_add, this_cpu_add_return, this_cpu_cmpxchg, this_cpu_dec, this_cpu_inc,
  this_cpu_ptr, this_cpu_read, this_cpu_write, this_cpu_xchg,
} from 'ringzero/linux/percpu';
import { preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { on_each_cpu } from 'ringzero/linux/smp';
import { array, bool, load_u32, load_u8, s16, sizeof, store_u32, struct, u32, u64, u8 } from 'ringzero/linux/types';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

function run(fn: () => void, options: BootOptions = {}): string[] {
  machine = boot({ cpus: 4, ...options });
  machine.run(fn);
  return machine.headlines().map((line) => line.split('\n')[0]!.replace(/\d+$/, 'N'));
}

test('each CPU has its own, all zeros at first', () => {
  const said = run(() => {
    const hits = DEFINE_PER_CPU('hits', u32);
    this_cpu_inc(hits);
    on_each_cpu(() => {
      this_cpu_add(hits, 10);
    }, null, 1);
    const all = [...for_each_possible_cpu()].map((cpu) => per_cpu(hits, cpu));
    expect(all.sort()).toEqual([10, 10, 10, 11]);
    expect(for_each_online_cpu()).toEqual([0, 1, 2, 3]);
    expect(new Set(for_each_possible_cpu().map((cpu) => per_cpu_ptr(hits, cpu))).size).toBe(4);
    store_u32(per_cpu_ptr(hits, 2), 7);
    expect(per_cpu(hits, 2)).toBe(7);
  });
  expect(said).toEqual([]);
});

test('numbers of all widths, fields of structs and elements of arrays', () => {
  const stats = struct('stats', { rx: u64, drops: s16, up: bool, hist: array(u8, 5) });
  const said = run(() => {
    const p = alloc_percpu(stats)!;
    const rx = percpu_field(stats, p, 'rx');
    this_cpu_add(rx, 0xffff_ffff_ffffn);
    this_cpu_inc(rx);
    expect(this_cpu_read(rx)).toBe(0x1_0000_0000_0000n);
    const drops = percpu_field(stats, p, 'drops');
    this_cpu_dec(drops);
    expect(this_cpu_read(drops)).toBe(-1);
    expect(this_cpu_add_return(drops, -0x8000)).toBe(0x7fff);
    const up = percpu_field(stats, p, 'up');
    this_cpu_write(up, true);
    expect(this_cpu_xchg(up, false)).toBe(true);
    expect(this_cpu_cmpxchg(drops, 0x7fff, 3)).toBe(0x7fff);
    expect(this_cpu_cmpxchg(drops, 0x7fff, 4)).toBe(3);
    expect(this_cpu_read(drops)).toBe(3);
    const third = (percpu_field(stats, p, 'hist') + 2) as percpu_ptr<{ readonly struct: 'u8' }>;
    this_cpu_add(third, 300);
    expect(this_cpu_read(third)).toBe(44);
    preempt_disable();
    expect(stats.at(this_cpu_ptr(p)).drops).toBe(3);
    preempt_enable();
    free_percpu(p);
    free_percpu(null);
  });
  expect(said).toEqual([]);
  expect(machine.leftovers()).toEqual([]);
});

test('get_cpu_var keeps the task where it is', () => {
  const said = run(() => {
    const hits = DEFINE_PER_CPU('hits', u32);
    const p = get_cpu_var(hits);
    store_u32(p, load_u32(p) + 1);
    __this_cpu_inc(hits);
    put_cpu_var(hits);
    expect([0, 1, 2, 3].reduce((sum, cpu) => sum + per_cpu(hits, cpu), 0)).toBe(2);
  });
  expect(said).toEqual([]);
});

test('the unsafe ones are reported where the task can move', () => {
  const said = run(() => {
    const hits = DEFINE_PER_CPU('hits', u32);
    __this_cpu_add(hits, 1);
    __this_cpu_read(hits);
    this_cpu_ptr(hits);
    raw_cpu_add(hits, 1);
    preempt_disable();
    __this_cpu_add(hits, 1);
    preempt_enable();
  });
  expect(said).toEqual([
    'BUG: using __this_cpu_add() in preemptible [00000000] code: run/N',
    'BUG: using __this_cpu_read() in preemptible [00000000] code: run/N',
    'BUG: using smp_processor_id() in preemptible [00000000] code: run/N',
  ]);
});

test('none is lost when many threads count', () => {
  run(() => {
    const hits = DEFINE_PER_CPU('hits', u32);
    const done = Array.from({ length: 6 }, (_, i) => DECLARE_COMPLETION(`done${i}`));
    for (const each of done) {
      kthread_run(() => {
        for (let i = 0; i < 500; i++) this_cpu_inc(hits);
        complete(each);
        return 0;
      }, null, 'counter');
    }
    for (const each of done) wait_for_completion(each);
    expect(for_each_possible_cpu().reduce((sum, cpu) => sum + per_cpu(hits, cpu), 0)).toBe(3000);
  });
});

test('a per-CPU pointer is no address', () => {
  machine = boot();
  expect(() => machine.run(() => load_u8(DEFINE_PER_CPU('hits', u32)))).toThrow('BUG: KASAN: user-memory-access');
});

test('freed, freed twice, not allocated', () => {
  const said = run(() => {
    const p = alloc_percpu(u32)!;
    free_percpu(p);
    this_cpu_inc(p);
    load_u32(per_cpu_ptr(p, 1));
    free_percpu(p);
    free_percpu(12 as unknown as percpu_ptr);
    const q = __alloc_percpu(100, 64)!;
    load_u8(per_cpu_ptr(q, 0) + 104);
    free_percpu(q);
  }, { rules: { kasan: 'warn' } });
  expect(said.map((line) => line.replace(/ in .*/, ''))).toEqual([
    'BUG: KASAN: use-after-free',
    'BUG: KASAN: use-after-free',
    'BUG: KASAN: double-free',
    'BUG: KASAN: invalid-free',
    'BUG: KASAN: global-out-of-bounds',
  ]);
});

test('what this_cpu_inc cannot count', () => {
  machine = boot();
  expect(() => {
    machine.run(() => {
      this_cpu_inc(__alloc_percpu(8, 8)!);
    });
  }).toThrow('no number begins at');
});

test('sizes that cannot be had, and many that can', () => {
  const said = run(() => {
    expect(__alloc_percpu(1 << 16, 8)).toBeNull();
    expect(__alloc_percpu(8, 3)).toBeNull();
    const big = struct('big', { all: array(u8, 20_000) });
    const all = Array.from({ length: 4 }, () => alloc_percpu(big)!);
    expect(new Set(all.map((p) => per_cpu_ptr(p, 1))).size).toBe(4);
    for (const p of all) free_percpu(p);
    expect(sizeof(big)).toBe(20_000);
  });
  expect(said).toHaveLength(2);
  expect(said[0]).toBe('illegal size (65536) or align (8) for percpu allocation');
});

test('a module that leaves one behind, and static ones that go with it', () => {
  machine = boot();
  let fixed!: percpu_ptr<{ readonly struct: 'u32' }>;
  machine.insmod({
    name: 'counts',
    body: () => {
      fixed = DEFINE_PER_CPU('fixed', u32);
      module_init(() => {
        alloc_percpu(u32);
        this_cpu_inc(fixed);
        return 0;
      });
      module_exit(() => undefined);
      MODULE_LICENSE('GPL');
    },
  });
  machine.rmmod('counts');
  expect(machine.leftovers().map(({ text }) => text.replace(/0x\w+/, 'N'))).toEqual([expect.stringContaining('unreferenced object N (size 4, percpu), allocated by')]);
  expect(() => {
    machine.run(() => {
      this_cpu_inc(fixed);
    });
  }).toThrow('BUG: KASAN: use-after-free');
});
