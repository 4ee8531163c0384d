import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Terminal } from '../../runtime/cli/terminal.js';
import { builtCli as cli, ROOT } from './program.js';
import { inFolder } from './in_folder.js';
import { recordingTerminal } from './terminal.js';

const bug = (name: string): string => join(ROOT, `test/explore/bugs/${name}.ts`);
const counter = join(ROOT, 'modules/spin_counter.ts');
const hang = join(ROOT, 'test/cli/fixtures/hang.ts');

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function on(changes: Partial<Terminal>, argv: readonly string[]): Promise<Ended> {
  const terminal = recordingTerminal();
  const code = await cli(argv, { ...terminal, ...changes });
  return { code, out: terminal.outText(), err: terminal.errText() };
}

const explore = (...argv: string[]): Promise<Ended> => on({}, ['explore', ...argv]);

inFolder();

describe('workers', () => {
  test.each(['exhaustive', 'delay'])('show by %s what one shows', async (strategy) => {
    // Of the states that reduction goes by each worker knows its own: see below.
    const argv = [counter, 'n=1', '--strategy', strategy, '--no-reduce'];
    const alone = await explore(...argv);
    expect(alone.out).toMatch(/^every schedule with at most 2 .* passes(?:; .*)?\n$/);
    for (const workers of ['2', '3', 'auto']) {
      const together = await explore(...argv, '--workers', workers);
      expect(together.out).toBe(alone.out);
      // Schedules, points, contexts and lock states.
      const counts = /^ringzero: \d+ different .* lock states?, /m;
      expect(counts.exec(together.err)?.[0]).toBe(counts.exec(alone.err)![0]);
      expect(together.code).toBe(0);
    }
  });

  test('know together what one knows', async () => {
    // Each of five sees a part of what is shared only.
    const argv = [bug('lost_wakeup'), 'fixed=1', '--strategy', 'exhaustive'];
    const [alone, together] = [await explore(...argv), await explore(...argv, '--workers', '5')];
    expect(alone.out).toMatch(/^every schedule with at most 2 .* \(\d+, up to steps that commute\) passes(?:; .*)?\n$/);
    expect(together.out).toBe(alone.out);
  });

  test('leave out less than one alone: none knows the states that another has come to', async () => {
    const argv = [bug('lost_update'), 'fixed=1', '--strategy', 'exhaustive'];
    const number = async (...more: string[]): Promise<number> => {
      const { out } = await explore(...argv, ...more);
      return Number(/^every schedule with at most 2 preemptions and 1 interrupt \((\d+)(?:, up to steps that commute)?\) passes(?:; .*)?\n$/.exec(out)?.[1]);
    };
    const [alone, together, all] = [await number(), await number('--workers', '5'), await number('--no-reduce')];
    expect(together).toBeGreaterThanOrEqual(alone);
    expect(together).toBeLessThan(all);
  });

  test('and shards estimate what is left', async () => {
    const estimate = async (...argv: string[]): Promise<number> => {
      const { out } = await explore(counter, 'n=1', '--strategy', 'exhaustive', '--schedules', '30', ...argv);
      return Number(/there are at least \d+ more, by estimate (\d+)(?:; .*?)?(, as far as shard 1\/2 goes and sees what commutes)?\n$/.exec(out)?.[1]);
    };
    const alone = await estimate();
    expect(await estimate('--workers', '2')).toBeGreaterThan(alone / 2);
    expect(await estimate('--workers', '2')).toBeLessThan(alone * 2);
    expect(await estimate('--shard', '1/2')).toBeLessThan(alone);
  });

  test('run as many schedules together as were asked for', async () => {
    const { out } = await explore(counter, 'n=1', '--strategy', 'random', '--schedules', '50', '--workers', '3');
    expect(out).toBe('50 schedules drawn by random from seed 0 pass; no allocation failed\n');
    expect((await explore(counter, 'n=1', '--strategy', 'random', '--schedules', '1', '--workers', '3')).out).toBe('1 schedules drawn by random from seed 0 pass; no allocation failed\n');
  });

  test('report the same failure each time, keep it, and try it first', async () => {
    const first = await explore(bug('refcount_race'), '--workers', '3');
    expect(first.code).toBe(1);
    expect(first.out).toContain('found by schedule ');
    rmSync('.ringzero', { recursive: true });
    expect(await explore(bug('refcount_race'), '--workers', '3')).toEqual(first);

    const [, token = ''] = /replay: ringzero replay (\S+)/.exec(first.out) ?? [];
    expect((await on({}, ['replay', token, bug('refcount_race')])).code).toBe(1);
    expect((await explore(bug('refcount_race'), '--workers', '3')).out).toContain('the schedule that failed the last time fails again');
  });

  test('find nothing where nothing can interleave', async () => {
    const { code, err } = await explore(join(ROOT, 'modules/hello.ts'), '--workers', '2');
    expect(err).toContain('nothing could interleave');
    expect(code).toBe(4);
  });

  test.each([['0'], ['65'], ['many']])('--workers %s is refused', async (workers) => {
    const { code, err } = await explore(counter, '--workers', workers);
    expect(err).toContain('--workers must be a whole number from 1 to 64');
    expect(code).toBe(2);
  });
});

test.each(['1', '2'])('a module that reaches no point is ended, with its line: %s workers', async (workers) => {
  const { code, out, err } = await explore(hang, '--timeout', '0.3', '--workers', workers);
  expect(out).toContain('NMI watchdog: Watchdog detected hard LOCKUP on cpu 0');
  expect(out).toMatch(/--> \S*hang\.ts:8:3\n {2}8 \| {3}return \/\^\(a\+\)\+\$\/\.test\(text\);/);
  expect(err).toContain('without reaching a statement, a kernel call or a memory access');
  expect(code).toBe(1);
});

test('a module that does not load says why, once', async () => {
  writeFileSync('bad.ts', 'const x: = 1;\n');
  const { code, err } = await explore('bad.ts', '--workers', '3');
  expect(err.match(/bad\.ts:1:/g)).toHaveLength(1);
  expect(code).toBe(1);
});

test('Ctrl-C says what is known, and the result has it', async () => {
  const aborter = new AbortController();
  const lines: string[] = [];
  const { code, err } = await on(
    {
      signal: aborter.signal,
      live: true,
      status(text) {
        lines.push(text);
        if (!text.includes(' 0 schedules')) aborter.abort();
      },
    },
    ['explore', counter, 'n=2', '--strategy', 'random', '--schedules', '4000000000', '--workers', '2', '--result', 'r.json'],
  );
  expect(code).toBe(130);
  expect(lines.at(-1)).toMatch(/^ringzero: [1-9]\d* schedules, [1-9]\d* different, \d+ a second, \d+ (s|min|h) left$/);
  expect(err).toMatch(/^ringzero: interrupted; by then: [1-9]\d* schedules drawn by random from seed 0 pass(?:; .*)?\n$/);
  expect((await explore('--merge', 'r.json')).out).toBe(err.replace('ringzero: interrupted; by then: ', ''));
});

test.each(['exhaustive', 'portfolio'])('Ctrl-C says how much is left by estimate, whatever the workers know of each other: %s', async (strategy) => {
  const aborter = new AbortController();
  const { code, err } = await on(
    {
      signal: aborter.signal,
      live: true,
      status(text) {
        if (!text.includes(' 0 schedules')) aborter.abort();
      },
    },
    ['explore', bug('bounded_buffer'), 'fixed=1', '--strategy', strategy, '--preemptions', '20', '--schedules', '4000000000', '--workers', '3'],
  );
  expect(err).toMatch(/^ringzero: interrupted; by then: [1-9]\d* schedules pass(, all of those with [^;]*)?; with at most 20 preemptions and 1 interrupt there are at least \d+ more, by estimate [\d.e+]+(?:; .*)?\n$/);
  expect(code).toBe(130);
});

test('Ctrl-C ends a module that hangs, too', async () => {
  const aborter = new AbortController();
  const { code, err } = await on({ signal: aborter.signal, live: true, status: () => { aborter.abort(); } }, ['explore', hang, '--workers', '2', '--timeout', '1000']);
  expect(err).toMatch(/^ringzero: interrupted; by then: 0 schedules pass/);
  expect(code).toBe(130);
});

describe('shards', () => {
  const shards = async (of: number, ...argv: string[]): Promise<string[]> => {
    const files = [];
    for (let i = 1; i <= of; i++) {
      files.push(`${i}.json`);
      // Each has a machine of its own.
      rmSync('.ringzero', { recursive: true, force: true });
      // As many workers as one likes: the result is the same.
      await explore(...argv, '--shard', `${i}/${of}`, '--workers', String(i), '--result', `${i}.json`);
    }
    return files;
  };

  test.each(['exhaustive', 'delay'])('merged are the whole: %s', async (strategy) => {
    const argv = [counter, 'n=1', '--strategy', strategy, '--no-reduce'];
    const whole = await explore(...argv);
    const files = await shards(3, ...argv);
    const merged = await explore('--merge', ...files);
    expect(merged).toEqual({ code: 0, out: whole.out, err: whole.err.replace(/, [\d.]+ s\n$/, '\n') });

    const part = await explore('--merge', files[2]!, files[0]!);
    expect(part.out).toMatch(/^every schedule with .* passes(?:; .*)?, as far as shard 1\/3, 3\/3 goes\n$/);
    expect(part.err).toContain('there is no result of shard 2/3');
    expect(part.code).toBe(2);
  });

  test('one of which fails fail together', async () => {
    const files = await shards(2, bug('lost_update'), '--strategy', 'exhaustive');
    const { code, out } = await explore('--merge', ...files);
    expect(out).toMatch(/found by schedule \d+ \(exhaustive\)/);
    expect(out).toContain('replay: ringzero replay rz2.');
    expect(code).toBe(1);
  });

  test.each([
    [['--merge'], 'which results?'],
    [['--merge', 'none.json'], 'there is no such file'],
    [['--merge', 'x.json', '--seed', '1'], '--seed means nothing there'],
    [['x.ts', '--shard', '3/2'], "--shard must be a part of the whole, as in 1/3, 2/3 and 3/3, got '3/2'"],
    [['x.ts', '--result', 'no/such/folder.json'], '--result: cannot write no/such/folder.json'],
  ])('%j is refused', async (argv, message) => {
    const { code, err } = await explore(...argv);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  test('a module that has changed in between is another exploration', async () => {
    writeFileSync('m.ts', readFileSync(counter));
    await explore('m.ts', 'n=1', '--strategy', 'random', '--schedules', '4', '--shard', '1/2', '--result', '1.json');
    writeFileSync('m.ts', `${readFileSync(counter, 'utf8')}// changed\n`);
    await explore('m.ts', 'n=1', '--strategy', 'random', '--schedules', '4', '--shard', '2/2', '--result', '2.json');
    const { code, err } = await explore('--merge', '1.json', '2.json');
    expect(err).toContain('1.json and 2.json are of different explorations: the modules have changed in between');
    expect(code).toBe(2);
  });
});
