/** Fuzzing of module files by several workers, as a test asks for it. */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

// Workers run what was built.
const built = new URL('../../dist/runtime/index.js', import.meta.url).href;
const { fuzz, fuzzModules, FuzzError, MachineError } = (await import(/* @vite-ignore */ built)) as typeof import('../../runtime/index.js');

const racy = 'test/fuzz/racy.ts';
const hangs = 'test/fuzz/fixtures/hangs.ts';

let folder: string;

beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'ringzero-')); });
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const fails = async (end: Promise<unknown>): Promise<InstanceType<typeof FuzzError>> => {
  const error: unknown = await end.then(() => null, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FuzzError);
  return error as InstanceType<typeof FuzzError>;
};

describe('fuzzModules()', () => {
  test('one worker shows what fuzz() shows', async () => {
    const alone = fuzz({ executions: 600, seed: 2 }, racy);
    expect(alone.crashes.length).toBeGreaterThan(0);
    expect(await fuzzModules({ executions: 600, seed: 2, workers: 1 }, racy)).toEqual(alone);
  });

  test('several show the same each time, and each kind of crash once', async () => {
    const options = { executions: 900, seed: 3, workers: 3 } as const;
    const first = await fuzzModules(options, racy);
    expect(await fuzzModules(options, racy)).toEqual(first);
    const { crashes, claim, executions, crashed } = first;
    expect(executions).toBe(900);
    expect(claim).toMatch(new RegExp(`^900 programs from seed 3 by 3 workers, guided by coverage, came to \\d+ edges of racy: ${crashed} crashed, in ${crashes.length} ways$`));
    expect(new Set(crashes.map(({ headline, frames }) => [headline, ...frames].join('\n'))).size).toBe(crashes.length);
    expect(crashes.map(({ found }) => found)).toEqual(crashes.map(({ found }) => found).sort((a, b) => a - b));
  });

  test('each draws programs of its own, the first one those of fuzz(), and an edge that several came to counts once', async () => {
    const [one, two] = [fuzz({ executions: 150 }, racy), await fuzzModules({ executions: 300, workers: 2 }, racy)];
    expect(two.corpus.slice(0, one.corpus.length)).toEqual(one.corpus);
    const other = two.corpus.slice(one.corpus.length);
    // That which loads the modules comes first everywhere.
    expect(other[0]).toEqual(one.corpus[0]);
    expect(one.corpus.slice(1)).not.toEqual(expect.arrayContaining([other[1]]));
    expect(two.edges).toBeGreaterThanOrEqual(one.edges);
    expect(two.edges).toBeLessThan(one.edges * 1.5);
  });

  test('programs are dealt, and no worker is without', async () => {
    expect((await fuzzModules({ executions: 2, workers: 4 }, racy)).claim).toMatch(/^2 programs from seed 0 by 2 workers, /);
    expect((await fuzzModules({ executions: 5, workers: 4 }, racy)).executions).toBe(5);
  });

  test('calls may be described, lines named, and CPUs told', async () => {
    const { corpus, crashes } = await fuzzModules({ executions: 200, workers: 2, cpus: 1 }, {
      modules: [{ module: 'modules/irq_counter.ts', params: { irq: 6 } }], irqs: [7], calls: { nothing_exported: { args: [{ oneOf: [1, 2] }] } },
    });
    const steps = corpus.flatMap((program) => program.steps);
    expect(new Set(steps.flatMap((step) => ('irq' in step ? [step.irq] : [])))).toEqual(new Set([6, 7]));
    expect(crashes).toEqual([]);
  });

  test('they begin with one corpus, and add to it what each has found', async () => {
    const corpus = join(folder, 'corpus');
    const first = await fuzzModules({ executions: 300, workers: 2, corpus }, racy);
    expect(readdirSync(corpus)).toHaveLength(first.written);
    const copy = join(folder, 'copy');
    cpSync(corpus, copy, { recursive: true });
    const options = { executions: 300, seed: 1, workers: 3 } as const;
    const again = await fuzzModules({ ...options, corpus }, racy);
    expect(again.replayed).toBe(first.written);
    expect(await fuzzModules({ ...options, corpus: copy }, racy)).toEqual(again);
    expect(readdirSync(copy)).toEqual(readdirSync(corpus));
  });

  test('a module that hangs is ended, with its line and what was found before, whatever the threads\' pace', async () => {
    // One of three hangs early: what another has found later is not told, though it has run far ahead.
    for (const [workers, found] of [[1, ['three', 'few', 'many']], [3, ['three', 'many']]] as const) {
      const [error, again] = [await fails(fuzzModules({ workers, timeout_s: 1 }, hangs)), await fails(fuzzModules({ workers, timeout_s: 1 }, hangs))];
      expect(error.message).toMatch(/^the module ran for 1 s without reaching a preemption point, and was ended:\nNMI watchdog: Watchdog detected hard LOCKUP on cpu \d\n {2}--> test\/fuzz\/fixtures\/hangs\.ts:11:3\n/);
      expect(error.fuzzing!.crashes.map(({ headline }) => headline)).toEqual(found.map((text) => `Oops: Error: ${text} [#1]`));
      expect([again.message, again.fuzzing!.crashes]).toEqual([error.message, error.fuzzing!.crashes]);
    }
  });

  test('says why there is nothing to fuzz', async () => {
    const idle = join(folder, 'idle.ts');
    writeFileSync(idle, "import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';\nmodule_init(() => 0);\nmodule_exit(() => undefined);\nMODULE_LICENSE('GPL');\n");
    expect((await fails(fuzzModules({ workers: 2 }, idle))).message).toMatch(/^nothing to fuzz: idle exports no function/);
    writeFileSync(idle, 'const x: = 1;\n');
    expect((await fails(fuzzModules({ workers: 2 }, idle))).message).toContain('idle.ts:1:10');
  });

  test('ends at a signal, with what is known', async () => {
    const controller = new AbortController();
    const end = fuzzModules({ workers: 2, executions: 1_000_000_000, signal: controller.signal }, racy);
    controller.abort();
    expect((await fails(end)).message).toMatch(/^interrupted; by then: \d+ programs? from seed 0 by 2 workers, guided by coverage, /);
  });

  test.each<[options: object, target: unknown, message: string]>([
    [{ workers: 0 }, racy, 'fuzzModules(): workers must be an integer from 1 to 64, or auto, got 0'],
    [{ workers: 'many' }, racy, 'workers must be an integer from 1 to 64, or auto, got many'],
    [{ timeout_s: 0 }, racy, 'fuzzModules(): timeout_s must be a number of seconds above 0, got 0'],
    [{ executions: 0 }, racy, 'executions must be an integer of at least 1, got 0'],
    [{ cpus: 9 }, racy, 'cpus'],
    [{ rules: {} }, racy, "fuzzModules(): there is no option 'rules': a machine with options of its own is fuzzed by fuzz()"],
    [{}, { modules: [{ module: { name: 'text', source: '' } }] }, 'fuzzModules(): a module is a file'],
    [{}, { modules: [{ module: racy }], calls: { x: { args: [], run: () => 0 } }, source: 'x.ts' }, 'calls that have run(), are code of the test'],
    [{}, { modules: [{ module: racy }], setup: () => 0, source: 'x.ts' }, 'setup, and calls that have run()'],
  ])('%j, %j is refused', async (options, target, message) => {
    const end = fuzzModules(options, target as string);
    await expect(end).rejects.toThrow(MachineError);
    await expect(end).rejects.toThrow(message);
  });

  test.each([['WORKERS', 'x', 'RINGZERO_FUZZ_WORKERS must be an integer from 1 to 64, or auto, got x'], ['TIMEOUT_S', '-1', 'RINGZERO_FUZZ_TIMEOUT_S must be a number of seconds above 0, got -1']])('the environment has the last word: RINGZERO_FUZZ_%s', async (name, value, message) => {
    vi.stubEnv(`RINGZERO_FUZZ_${name}`, value);
    await expect(fuzzModules({ workers: 1, timeout_s: 1 }, racy)).rejects.toThrow(message);
  });
});
