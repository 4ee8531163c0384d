/** failslab, fail_page_alloc and fail-nth: lib/fault-inject.c's rules. */
import { afterEach, describe, expect, test } from 'vitest';
import { boot, type BootOptions, type FailSlab, type Machine, type Strategy } from 'ringzero';
import { current } from 'ringzero/linux/sched';
import { __GFP_NOFAIL, __get_free_pages, free_pages, GFP_ATOMIC, GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

/** Which of `n` allocations succeed: a 1 each, a 0 for each that fails. */
function pattern(n: number, size = 64, gfp: number = GFP_KERNEL): string {
  return machine.run(() => {
    let text = '';
    for (let i = 0; i < n; i++) {
      const p = kmalloc(size, gfp);
      text += p === null ? '0' : '1';
      kfree(p);
    }
    return text;
  });
}

const with_faults = (settings: FailSlab, options: BootOptions = {}): void => {
  machine = boot(options);
  machine.failslab({ verbose: 0, ...settings });
};

describe('settings', () => {
  test.each<[string, FailSlab, string]>([
    ['all', {}, '0000000000'],
    ['times', { times: 2 }, '0011111111'],
    ['interval', { interval: 3 }, '1101101101'],
    ['interval and times: the third only', { interval: 3, times: 1 }, '1101111111'],
    ['space', { space: 64 * 3 }, '1100000000'],
    ['probability 0', { probability: 0 }, '1111111111'],
    ['other sizes', { minSize: 65 }, '1111111111'],
    ['these sizes', { minSize: 64, maxSize: 64 }, '0000000000'],
    ['flags', { gfp: GFP_ATOMIC }, '1111111111'],
    ['what may sleep left alone', { ignoreGfpWait: true }, '1111111111'],
    ['tasks that ask for it', { taskFilter: true }, '1111111111'],
    ['other modules', { modules: ['dog'] }, '1111111111'],
  ])('%s', (_, settings, expected) => {
    with_faults(settings);
    expect(pattern(10)).toBe(expected);
  });

  test('null ends it; __GFP_NOFAIL is never refused; large objects are pages', () => {
    with_faults({});
    expect(pattern(2, 64, GFP_KERNEL | __GFP_NOFAIL)).toBe('11');
    expect(pattern(2, 20000)).toBe('11');
    machine.failslab(null);
    expect(pattern(3)).toBe('111');
    expect(() => { machine.failslab({ probability: 101 }); }).toThrow('probability must be an integer from 0 to 100');
    expect(() => { machine.failslab({ prob: 1 } as FailSlab); }).toThrow("there is no setting 'prob'");
  });
});

test('probability draws from the seed: the same seed, and a replay, the same failures', () => {
  const draw = (options: BootOptions): string => {
    with_faults({ probability: 50 }, options);
    const text = pattern(200);
    const token = machine.token();
    machine.powerOff();
    return `${text} ${token}`;
  };
  const [first, token] = draw({ seed: 7 }).split(' ');
  expect(draw({ seed: 7 }).split(' ')[0]).toBe(first);
  expect(draw({ replay: token! }).split(' ')[0]).toBe(first);
  expect(draw({ seed: 8 }).split(' ')[0]).not.toBe(first);
  expect(first!.split('0').length - 1).toBeGreaterThan(70);
  expect(first!.split('0').length - 1).toBeLessThan(130);
  machine = boot();
});

test('as a choice, the strategy decides and the token remembers', () => {
  let n = 0;
  const strategy: Strategy = { name: 'third', pick: (kind) => (kind === 'alloc' && ++n === 3 ? 1 : 0), gap: () => Infinity, preempt: () => 0 };
  with_faults({ choose: true }, { strategy });
  expect(pattern(6)).toBe('110111');
  const token = machine.token();
  machine.powerOff();
  with_faults({ choose: true }, { replay: token });
  expect(pattern(6)).toBe('110111');
});

test('fail-nth of a task, and only of that task', () => {
  with_faults({ probability: 0 });
  machine.run(() => {
    current.fail_nth = 3;
    const got = Array.from({ length: 5 }, () => kmalloc(8, GFP_KERNEL));
    expect(got.map((p) => p !== null)).toEqual([true, true, false, true, true]);
    expect(current.fail_nth).toBe(0);
    for (const p of got) kfree(p);
  });
  expect(pattern(3)).toBe('111');
});

test('the header is in the log', () => {
  with_faults({ times: 1, verbose: 2 });
  pattern(2);
  const log = machine.log();
  const at = log.indexOf('FAULT_INJECTION: forcing a failure.');
  expect(log[at + 1]).toBe('name failslab, interval 1, probability 100, space 0, times 1');
  expect(log[at + 2]).toMatch(/^CPU: \d PID: \d+ Comm: run /);
  expect(machine.headlines()).toEqual([]);
});

test('pages', () => {
  machine = boot();
  machine.failPageAlloc({ minOrder: 2, verbose: 1 });
  machine.run(() => {
    const p = __get_free_pages(GFP_KERNEL, 1);
    expect(p).not.toBeNull();
    free_pages(p, 1);
    expect(__get_free_pages(GFP_KERNEL, 2)).toBeNull();
    expect(kmalloc(20000, GFP_KERNEL)).toBeNull();
  });
  expect(machine.dmesg()).toContain('name fail_page_alloc, interval 1');
});

test('the environment says it as the boot parameter does', () => {
  process.env['RINGZERO_FAILSLAB'] = '2,100,0,1';
  try {
    machine = boot();
    expect(pattern(4)).toBe('1011');
    process.env['RINGZERO_FAILSLAB'] = 'often';
    expect(() => boot()).toThrow('wanted interval,probability,space,times');
  } finally {
    delete process.env['RINGZERO_FAILSLAB'];
  }
});
