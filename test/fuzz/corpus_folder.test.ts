/** A corpus on disk: what is kept there, what the next run makes of it, and what is no corpus. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fuzz, type FuzzOptions, type FuzzTarget, type Fuzzing, MachineError } from 'ringzero';
import { calls } from './handles.fuzz.js';

const buried = 'test/fuzz/buried.ts';

let folder: string;
let corpus: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringzero-'));
  corpus = join(folder, 'corpus');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A driver, as it is today. */
function driver(body: string): FuzzTarget {
  const text = `
    import { EXPORT_SYMBOL, module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
    ${body}
    module_init(() => 0);
    module_exit(() => undefined);
    MODULE_LICENSE('GPL');`;
  return { modules: [{ module: { name: 'text', source: text } }] };
}

const run = (options: FuzzOptions, target: string | FuzzTarget): Fuzzing => fuzz({ corpus, ...options }, target);

describe('the next run', () => {
  test('begins with what the one before has come to', () => {
    const first = run({ executions: 600 }, buried);
    expect(first.crashes).toEqual([]);
    expect(first.claim).toMatch(/^600 programs from seed 0, guided by coverage, /);
    expect(first.written).toBeGreaterThan(10);
    expect(readdirSync(corpus)).toHaveLength(first.written);

    const { edges, replayed, unfit, claim, corpus: programs } = run({ executions: 1, seed: 1 }, buried);
    expect([edges, replayed, unfit]).toEqual([first.edges, first.written, 0]);
    expect(claim).toMatch(new RegExp(`^1 program from seed 1, and ${first.written} of the corpus, guided by coverage, came to ${edges} edges of buried: none crashed$`));
    expect(first.corpus).toEqual(expect.arrayContaining([...programs]));
  });

  test('adds what is new, each program once', () => {
    const first = run({ executions: 300 }, buried);
    const again = run({ executions: 300, seed: 1 }, buried);
    expect(again.written).toBeGreaterThan(0);
    expect(readdirSync(corpus)).toHaveLength(first.written + again.written);
    expect(run({ executions: 1, seed: 2 }, buried).written).toBe(0);
  });

  test('is the same for the same corpus and seed, file by file', () => {
    run({ executions: 500 }, buried);
    const copy = join(folder, 'copy');
    cpSync(corpus, copy, { recursive: true });
    const first = run({ executions: 500, seed: 3 }, buried);
    expect(fuzz({ executions: 500, seed: 3, corpus: copy }, buried)).toEqual(first);
    expect(readdirSync(copy)).toEqual(readdirSync(corpus));
    expect(first.written).toBeGreaterThan(0);
  });

  test('reports what crashes now', () => {
    const kept = run({ executions: 200 }, driver('function f(n: number): void { if (n === 7) return; }\nEXPORT_SYMBOL(f);'));
    const { crashes, crashed, executions } = run({ executions: 1 }, driver('function f(n: number): void { if (n === 7) throw new Error("seven"); }\nEXPORT_SYMBOL(f);'));
    expect(crashes.map(({ headline, found }) => [headline, found])).toEqual([['Oops: Error: seven [#1]', 0]]);
    expect([crashed > 0, executions, kept.crashes]).toEqual([true, 1, []]);
  });

  test('may be asked for by the environment', () => {
    vi.stubEnv('RINGZERO_FUZZ_CORPUS', corpus);
    const { written } = fuzz({ executions: 50, corpus: join(folder, 'elsewhere') }, buried);
    expect(readdirSync(corpus)).toHaveLength(written);
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
    vi.stubEnv('RINGZERO_FUZZ_CORPUS', '');
    expect(() => fuzz({}, buried)).toThrow('RINGZERO_FUZZ_CORPUS must be the path of a folder, got ""');
  });
});

describe('what does not fit is skipped, and counted', () => {
  test('programs of other modules', () => {
    const { written } = run({ executions: 50 }, 'modules/irq_counter.ts');
    const { replayed, unfit, claim } = run({ executions: 50 }, buried);
    expect([replayed, unfit]).toEqual([0, written]);
    expect(claim).toContain(`50 programs from seed 0, and 0 of the corpus (${written} more do not fit), guided`);
  });

  test('calls that the driver no longer has, or that take something else', () => {
    const was = driver('function f(n: number): number { if (n === 7) return 1; return 0; }\nfunction g(n: number): number { if (n > 7) return 1; return 0; }\nEXPORT_SYMBOL(f); EXPORT_SYMBOL(g);');
    const { written, corpus: programs } = run({ executions: 300 }, was);
    const uses = (name: string): number => programs.filter(({ steps }) => steps.some((step) => step.kind === 'call' && step.name === name)).length;
    expect(Math.min(uses('f'), uses('g'))).toBeGreaterThan(0);
    const unfit = (target: FuzzTarget): number => {
      const { replayed, unfit: skipped } = fuzz({ corpus, executions: 1 }, target);
      expect(replayed + skipped).toBeGreaterThanOrEqual(written);
      return skipped;
    };
    expect(unfit(was)).toBe(0);
    expect(unfit(driver('function f(n: number): number { if (n === 8) return 1; return 0; }\nEXPORT_SYMBOL(f);'))).toBe(uses('g'));
    expect(unfit(driver('function f(n: number, m: number): number { return n + m; }\nfunction g(n: number): number { return n; }\nEXPORT_SYMBOL(f); EXPORT_SYMBOL(g);'))).toBe(uses('f'));
  });

  test('arguments that are described in another way', () => {
    const modules = [{ module: 'test/fuzz/handles.ts' }];
    const { written } = run({ executions: 300 }, { modules, calls, source: 'test/fuzz/handles.fuzz.ts' });
    const narrower = { ...calls, handles_write: { args: [{ result: 'open' }, { bytes: 2 }, 'int'] as const } };
    const { replayed, unfit } = run({ executions: 1 }, { modules, calls: narrower, source: 'test/fuzz/handles.fuzz.ts' });
    expect(unfit).toBeGreaterThan(0);
    expect(replayed).toBeGreaterThan(0);
    expect(replayed + unfit).toBe(written);
  });

  test('parameters that its user has set', () => {
    run({ executions: 300 }, 'modules/irq_counter.ts');
    const { unfit, corpus: programs } = run({ executions: 50 }, { modules: [{ module: 'modules/irq_counter.ts', params: { irq: 6 } }] });
    expect(unfit).toBeGreaterThan(0);
    for (const { steps } of programs) for (const step of steps) if (step.kind === 'load') expect(step.params).not.toHaveProperty('irq');
  });
});

describe('what is no corpus is refused, with what to do', () => {
  const first = (): string => join(corpus, readdirSync(corpus)[0]!);
  const changed = (change: (text: string) => string): void => { writeFileSync(first(), change(readFileSync(first(), 'utf8'))); };

  test.each<[what: string, spoil: () => void, message: string]>([
    ['a file of somebody else', () => { writeFileSync(join(corpus, 'notes.txt'), ''); }, 'notes.txt cannot be used as a part of the corpus (it is no program that ringzero wrote): remove it, or name another folder'],
    ['half a file', () => { changed((text) => text.slice(0, 40)); }, '.json cannot be used as a part of the corpus (it is damaged): remove it'],
    ['an empty file', () => { changed(() => ''); }, 'it is damaged'],
    ['a file that was changed', () => { changed((text) => text.replace('"module": 0', '"module": 1')); }, 'it is damaged: it is not as ringzero wrote it'],
    ['a file of another version', () => { changed((text) => text.replace('"version": 1', '"version": 2')); }, 'it is of another version of ringzero'],
    ['a folder with a program\'s name', () => { mkdirSync(join(corpus, 'ab.json')); }, 'ab.json cannot be used as a part of the corpus (EISDIR'],
    ['a file in place of the folder', () => { rmSync(corpus, { recursive: true }); writeFileSync(corpus, ''); }, 'cannot be read (it is no folder): name a folder for it'],
  ])('%s', (_what, spoil, message) => {
    run({ executions: 10 }, buried);
    spoil();
    expect(() => run({ executions: 10 }, buried)).toThrow(MachineError);
    expect(() => run({ executions: 10 }, buried)).toThrow(message);
  });

  test('a folder that cannot be written to', () => {
    writeFileSync(corpus, '');
    expect(() => fuzz({ corpus: join(corpus, 'below'), executions: 10 }, buried)).toThrow(/corpus.below cannot be /);
  });

  test('names with a dot in front are nobody\'s business', () => {
    const { written } = run({ executions: 10 }, buried);
    writeFileSync(join(corpus, '.gitignore'), '*.test.ts\n');
    expect(run({ executions: 1 }, buried).replayed).toBe(written);
  });

  test.each([[''], [7], [null]])('%j is no folder', (value) => {
    expect(() => fuzz({ corpus: value as unknown as string }, buried)).toThrow(`fuzz(): corpus must be the path of a folder, got ${JSON.stringify(value)}`);
  });
});
