/** Fuzzing: what it finds, what it says, and that it says the same again. */
import { copyFileSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { boot, fuzz, FuzzError, type FuzzTarget, KernelOops, type Machine, MachineError, Uart } from 'ringzero';
import { vmalloc } from 'ringzero/linux/vmalloc';
import { readCorpus } from '../../runtime/fuzz/corpus_folder.js';
import { Fuzzer } from '../../runtime/fuzz/fuzz.js';
import { readFuzzOptions } from '../../runtime/fuzz/options.js';
import { checkTarget } from '../../runtime/fuzz/target.js';
import { calls } from './handles.fuzz.js';

const buried = 'test/fuzz/buried.ts';
const racy = 'test/fuzz/racy.ts';
const handles: FuzzTarget = { modules: [{ module: 'test/fuzz/handles.ts' }], calls, source: 'test/fuzz/handles.fuzz.ts' };

/** Programs within which guidance finds what is behind four calls. */
const BOUND = 5000;

/** A module of some exported functions. */
function source(body: string, init = '0'): FuzzTarget {
  const text = `
    import { EXPORT_SYMBOL, module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
    import { DEFINE_SPINLOCK, spin_lock } from 'ringzero/linux/spinlock';
    const lock = DEFINE_SPINLOCK('lock');
    function hold(): void { spin_lock(lock); }
    ${body}
    module_init(() => ${init});
    module_exit(() => undefined);
    MODULE_LICENSE('GPL');`;
  return { modules: [{ module: { name: 'text', source: text } }] };
}

describe('guidance', () => {
  test.each([0, 1, 2])('finds what is behind four calls, and drawing blindly does not (seed %i)', (seed) => {
    const { crashes, claim } = fuzz({ executions: BOUND, seed }, buried);
    expect(crashes.map(({ headline }) => headline)).toEqual(['BUG: KASAN: use-after-free in buried_write [buried]']);
    expect(claim).toMatch(/^5000 programs from seed \d, guided by coverage, came to 35 edges of buried: \d+ crashed, in 1 way$/);
    const blind = fuzz({ executions: BOUND, seed, guided: false }, buried);
    expect(blind.crashes).toEqual([]);
    expect(blind.claim).toMatch(/each drawn by itself, came to (2\d|3[0-4]) edges of buried: none crashed$/);
  });

  test('the crash is minimised to the calls that it takes, with the simplest arguments', () => {
    const [crash] = fuzz({ executions: BOUND }, buried).crashes;
    expect(crash!.frames).toEqual([expect.stringMatching(/^buried_write {2}test\/fuzz\/buried\.ts:\d+:\d+ \[buried\]$/)]);
    expect(crash!.report).toContain('Call Trace:');
    expect(crash!.token).toBeUndefined();
    expect(crash!.program.steps).toEqual([
      { kind: 'load', module: 0, params: {} },
      ...[7, 64, 255, 16].map((code) => ({ kind: 'call', name: 'buried_command', args: [code], together: false })),
      { kind: 'call', name: 'buried_write', args: [0], together: false },
    ]);
  });

  test('is the same again, wherever the loader has numbered the module anew', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringzero-'));
    const file = join(folder, 'racy.ts');
    copyFileSync(racy, file);
    try {
      const first = fuzz({ executions: 600, seed: 3 }, file);
      utimesSync(file, 1, 1);
      expect(fuzz({ executions: 600, seed: 3 }, file)).toEqual(first);
      expect(first.crashes.length).toBeGreaterThan(0);
      expect(fuzz({ executions: 600, seed: 4 }, file)).not.toEqual(first);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('what is found', () => {
  test('is races of calls and interrupts, and what failing allocations leave, each kind once', () => {
    const { crashes, crashed } = fuzz({ executions: 1500 }, racy);
    const kinds = crashes.map(({ headline, frames }) => [headline, ...frames.map((frame) => frame.split(' ')[0])].join(' < '));
    expect(kinds).toEqual(expect.arrayContaining([
      'kmemleak: unreferenced object 0x40400000 (size 4): < racy_open',
      'BUG: KASAN: double-free in kfree < racy_close',
      'BUG: KASAN: use-after-free in interrupt [racy] < interrupt < racy_close',
    ]));
    expect(new Set(crashes.map(({ headline, frames }) => [headline, ...frames].join('\n'))).size).toBe(crashes.length);
    expect(crashed).toBeGreaterThan(crashes.length);
    // An interrupt in the middle needs a schedule, an allocation that fails does not.
    expect(crashes.filter(({ token }) => token === undefined).map(({ headline }) => headline)).toEqual(['kmemleak: unreferenced object 0x40400000 (size 4):']);
  });

  test('is what described calls lead to: handles, buffers, their lengths', () => {
    const [crash] = fuzz({ executions: 1000 }, handles).crashes;
    expect(crash!.headline).toBe('BUG: KASAN: slab-out-of-bounds in handles_write [handles]');
    expect(crash!.program.steps.slice(1)).toEqual([
      { kind: 'call', name: 'open', args: [], together: false },
      { kind: 'call', name: 'handles_write', args: [{ result: 'open' }, Array(9).fill(0), { lengthOf: 1 }], together: false },
    ]);
  });

  test('is a call that keeps a lock, and one that throws', () => {
    const { crashes } = fuzz({ executions: 300 }, source('function fall(n: number): void { if (n === 77) throw new Error("fell"); }\nEXPORT_SYMBOL(hold); EXPORT_SYMBOL(fall);'));
    expect(crashes.map(({ headline }) => headline)).toEqual(expect.arrayContaining(['WARNING: lock held when returning to user space!', 'Oops: Error: fell [#1]']));
  });

  test('is told apart by the place, and not by the numbers in its headline', () => {
    const fall = (name: string): string => `function ${name}(n: number): void { throw new Error(\`fell by \${n}\`); }\nEXPORT_SYMBOL(${name});\n`;
    const { crashes, crashed } = fuzz({ executions: 100 }, source(fall('left') + fall('right')));
    expect(crashes.map(({ headline, frames }) => [headline, frames.length, frames[0]!.split(' ')[0]]).sort()).toEqual([
      ['Oops: Error: fell by 0 [#1]', 1, 'left'], ['Oops: Error: fell by 0 [#1]', 1, 'right'],
    ]);
    expect(crashed).toBeGreaterThan(20);
  });

  test('is nothing in a driver that is right', () => {
    const { crashes, executions, edges, corpus } = fuzz({ executions: 500 }, 'modules/irq_counter.ts');
    expect([crashes, executions]).toEqual([[], 500]);
    expect(edges).toBeGreaterThan(30);
    expect(corpus.length).toBeGreaterThan(5);
  });

  test('with a device that setup plugs in, and several modules', () => {
    const modules = [{ module: 'modules/serial.ts' }, { module: 'modules/dog.ts' }];
    const setup = (machine: Machine): void => {
      machine.attach(new Uart());
    };
    const params = { port: 0x3f8, irq: 4 };
    const { crashes, claim, corpus } = fuzz({ executions: 200 }, { modules: [{ ...modules[0]!, params }, modules[1]!], setup, source: 'none.ts' });
    expect(crashes).toEqual([]);
    expect(claim).toMatch(/edges of serial and dog: none crashed$/);
    expect(corpus.some(({ steps }) => steps.some((step) => step.kind === 'unload' && step.module === 1))).toBe(true);
    // Ports that nobody answers read as all ones: bytes come without an end.
    expect(fuzz({ executions: 200 }, { modules: [{ ...modules[0]!, params }] }).long).toBeGreaterThan(0);
  });

  test('with parameters of the user as they are', () => {
    const { corpus } = fuzz({ executions: 300 }, { modules: [{ module: 'modules/irq_counter.ts', params: { irq: 6 } }] });
    const steps = corpus.flatMap((program) => program.steps);
    expect(new Set(steps.flatMap((step) => ('irq' in step ? [step.irq] : [])))).toEqual(new Set([6]));
    expect(steps.filter((step) => step.kind === 'load' && Object.keys(step.params).length > 0)).toEqual([]);
  });

  test('a program that takes too long is cut short', () => {
    const { long, crashes, claim } = fuzz({ executions: 400, points: 2000 }, 'test/fuzz/fixtures/spins.ts');
    expect(long).toBeGreaterThan(0);
    expect(crashes).toEqual([]);
    expect(claim).toContain(`none crashed, ${long} cut short`);
  });
});

describe('a driver that exports nothing', () => {
  const silent = (init: string): FuzzTarget => ({
    modules: [{
      module: {
        name: 'text',
        source: `
          import { ENOMEM } from 'ringzero/linux/errno';
          import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
          import { vfree, vmalloc } from 'ringzero/linux/vmalloc';
          import { store_u32, type Ptr } from 'ringzero/linux/types';
          let area: Ptr | null = null;
          module_init(() => {
            area = vmalloc(20000);
            ${init}
            store_u32(area, 1);
            return 0;
          });
          module_exit(() => { vfree(area); });
          MODULE_LICENSE('GPL');`,
      },
    }],
  });

  test('is reached by its allocations, and one that checks them has done nothing wrong', () => {
    const { crashes, claim } = fuzz({ executions: 400 }, silent('if (area === null) return -ENOMEM;'));
    expect(crashes).toEqual([]);
    expect(claim).toContain('none crashed');
  });

  test('crashes where it does not check', () => {
    expect(fuzz({ executions: 400 }, silent('')).crashes.map(({ headline }) => headline)).toEqual([expect.stringMatching(/^BUG: KASAN: null-ptr-deref/)]);
  });

  test('is told in the log which allocation was made to fail, as on Linux', () => {
    const machine = boot();
    machine.failPageAlloc({ times: 1 });
    machine.run(() => vmalloc(8192));
    machine.failPageAlloc(null);
    expect(machine.headlines()).toEqual([]);
    expect(machine.dmesg()).toMatch(/vmalloc error: size 8192, page order 0, failed to allocate pages/);
    machine.run(() => vmalloc(2 ** 30));
    expect(machine.headlines()).toEqual([expect.stringContaining('vmalloc error: size 1073741824')]);
    machine.powerOff();
  });
});

describe('what is no fuzzing', () => {
  test.each([
    ['nothing to call', source(''), 'nothing to fuzz: text exports no function, has requested no interrupt line and has no parameter that is free'],
    ['a module that is never loaded', source('EXPORT_SYMBOL(hold);', '-22'), 'nothing to fuzz: in 200 programs text was never loaded, the last time with insmod text: Invalid argument (EINVAL)'],
  ])('%s', (_what, target, message) => {
    expect(() => fuzz({}, target)).toThrow(FuzzError);
    expect(() => fuzz({}, target)).toThrow(message);
  });

  test('a line that is named is something to fuzz', () => {
    expect(fuzz({ executions: 50 }, { ...source(''), irqs: [3] }).executions).toBe(50);
  });

  test('calls that depend on what the machine does not own', () => {
    let calls_made = 0;
    const target: FuzzTarget = {
      ...source(''), source: 'none.ts',
      calls: { odd: { args: [], run: () => { if (++calls_made === 1) throw new Error('the first time only'); } } },
    };
    expect(() => fuzz({ executions: 100 }, target)).toThrow(/^the calls are not repeatable: the same program first ended with\n {2}the first time only\nand then passed/);
  });

  test('a file that is not there', () => {
    expect(() => fuzz({}, 'there_is_none.ts')).toThrow('no such file');
  });
});

describe('options', () => {
  test.each([
    [{ executions: 0 }, buried, 'fuzz(): executions must be an integer of at least 1, got 0'],
    [{ steps: 1.5 }, buried, 'fuzz(): steps must be an integer of at least 1, got 1.5'],
    [{ guided: 'no' }, buried, 'fuzz(): guided must be true or false, got "no"'],
    [{ strategy: 'random' }, buried, "fuzz(): strategy is the fuzzer's own business"],
    [{ speed: 1 }, buried, "there is no option 'speed'"],
    [null, buried, 'fuzz(): options are an object'],
    [{}, 7, "fuzz(): wants a module's file"],
    [{}, { modules: [] }, 'there is no module to fuzz'],
    [{}, { modules: [{}] }, "a module is { module: 'driver.ts' }"],
    [{}, { modules: [{ module: buried }], irq: [5] }, "a target has no 'irq'"],
    [{}, { modules: [{ module: buried }], irqs: [0] }, 'an interrupt line is an integer from 1 to'],
    [{}, { modules: [{ module: buried }], calls: { x: {} } }, "the call 'x' is described as { args: [...] }"],
    [{}, { modules: [{ module: buried }], calls: { x: { args: ['int', { from: 2, to: 1 }] } } }, "argument 2 of the call 'x' is none of 'int'"],
    [{}, { modules: [{ module: buried }], calls: { x: { args: ['int', { lengthOf: 0 }] } } }, "argument 2 of the call 'x' is none of 'int'"],
    [{}, { modules: [{ module: buried }], calls: { x: { args: [{ result: 'y' }] } } }, "argument 1 of the call 'x' is none of 'int'"],
    [{}, { modules: [{ module: buried }], setup: () => undefined }, 'names the file that exports them'],
  ])('%j of %j: %s', (options, target, message) => {
    expect(() => fuzz(options as never, target as never)).toThrow(MachineError);
    expect(() => fuzz(options as never, target as never)).toThrow(message);
  });

  test.each([
    ['EXECUTIONS', '0', 'RINGZERO_FUZZ_EXECUTIONS must be an integer of at least 1, got 0'],
    ['SEED', '', 'RINGZERO_FUZZ_SEED must be an integer'],
    ['GUIDED', '1', 'RINGZERO_FUZZ_GUIDED must be true or false, got 1'],
  ])('RINGZERO_FUZZ_%s=%s is refused', (name, value, message) => {
    withEnvironment({ [name]: value }, () => {
      expect(() => fuzz({}, buried)).toThrow(message);
    });
  });

  test('the environment has the last word', () => {
    withEnvironment({ EXECUTIONS: '7', SEED: '5', GUIDED: 'false', STEPS: '2' }, () => {
      const { claim, corpus } = fuzz({ executions: 100, seed: 1 }, buried);
      expect(claim).toMatch(/^7 programs from seed 5, each drawn by itself/);
      expect(Math.max(...corpus.map(({ steps }) => steps.length))).toBeLessThanOrEqual(4);
    });
  });
});

function withEnvironment(variables: Readonly<Record<string, string>>, run: () => void): void {
  const names = Object.keys(variables).map((name) => `RINGZERO_FUZZ_${name}`);
  Object.entries(variables).forEach(([name, value]) => {
    process.env[`RINGZERO_FUZZ_${name}`] = value;
  });
  try {
    run();
  } finally {
    for (const name of names) Reflect.deleteProperty(process.env, name);
  }
}

describe('calls of what a driver exports', () => {
  const machine = boot();
  machine.insmod('test/fuzz/handles.ts');

  test('returns what the function returns, and a buffer is kernel memory meanwhile', () => {
    expect(machine.call('handles_open')).toBe(1234);
    expect(machine.call('handles_write', 1234, Uint8Array.of(1, 2, 3), 3)).toBe(3);
    expect(machine.callTogether(['handles_write', 1234, Uint8Array.of(1), 1], ['handles_open'])).toEqual([1, 1234]);
  });

  test('of what nobody exports is refused', () => {
    expect(() => machine.call('handles_none')).toThrow("no module that is loaded exports 'handles_none'");
  });

  test('that leaves a lock held says what Linux says of a system call', () => {
    const other = boot();
    other.insmod(source('EXPORT_SYMBOL(hold);').modules[0]!.module);
    other.call('hold');
    expect(other.headlines()[0]).toMatch(/^WARNING: lock held when returning to user space!\nhold\/\d+ is leaving the kernel with locks still held!$/);
    expect(other.report()).toMatch(/1 lock held by hold\/\d+:\n #0: [\da-f]{8} \(lock\)/);
    other.powerOff();
  });

  test('that throws is an oops, and ends the caller only', () => {
    expect(() => machine.call('handles_write', 1234, null, Symbol('length'))).toThrow(KernelOops);
    expect(machine.call('handles_open')).toBe(1234);
  });
});

test('memory stays as it is over many programs', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const target = checkTarget('modules/irq_counter.ts');
  const fuzzer = new Fuzzer(readFuzzOptions({ executions: 5000, guided: true }), target, readCorpus(null, target), 0);
  const used = (programs: number): number => {
    for (let i = 0; i < programs; i++) fuzzer.step();
    collect();
    return process.memoryUsage().heapUsed;
  };
  const early = used(1000);
  expect(used(3000) - early).toBeLessThan(2_000_000);
});
