/** What `--json` and `--ktap` print, as programs read it. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inFolder } from './in_folder.js';
import { builtCli as cli, ROOT, ringzero as program } from './program.js';
import { recordingTerminal } from './terminal.js';
import { version } from '../../runtime/cli/package.js';

const module = (name: string): string => join(ROOT, 'modules', `${name}.ts`);
const fixture = (name: string): string => join(ROOT, 'test/cli/fixtures', `${name}.ts`);
const racy = join(ROOT, 'test/fuzz/racy.ts');

interface Json {
  readonly exitCode: number;
  readonly outcome: string;
  readonly remarks: readonly string[];
  readonly result: Readonly<Record<string, unknown>> | null;
}

async function ringzero(...argv: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const terminal = recordingTerminal();
  const code = await cli(argv, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

/** Standard output is one line, and the exit code is in it. */
async function json(...argv: string[]): Promise<Json> {
  const { code, out } = await ringzero(...argv, '--json');
  expect(out).toMatch(/^\{.*\}\n$/);
  const read = JSON.parse(out) as Json;
  expect(read).toMatchObject({ version: 1, ringzero: version(), command: argv[0], arguments: [...argv.slice(1), '--json'], exitCode: code });
  return read;
}

/** The result lines; each plan is kept, as is the version. */
async function ktap(...argv: string[]): Promise<{ readonly code: number; readonly lines: readonly string[]; readonly results: readonly string[] }> {
  const { code, out } = await ringzero(...argv, '--ktap');
  const lines = out.trimEnd().split('\n');
  for (const line of lines) expect(line).toMatch(/^(  )?(KTAP version 1|1\.\.\d+|#.*|(not )?ok \d+ [^#\\]*(\\#[^#\\]*)*( # SKIP .+)?)$/);
  for (const indent of ['', '  ']) {
    const level = lines.filter((line) => line.startsWith(indent) && /\S/.test(line[indent.length] ?? ''));
    const plan = level.find((line) => line.startsWith(`${indent}1..`));
    const numbers = level.flatMap((line) => /^ *(?:not )?ok (\d+)/.exec(line)?.[1] ?? []);
    expect(numbers).toEqual(Array.from({ length: Number(plan?.split('..')[1] ?? 0) }, (_, i) => String(i + 1)));
  }
  return { code, lines, results: lines.filter((line) => /^ *(not )?ok /.test(line)).map((line) => line.trim()) };
}

inFolder();

describe('run', () => {
  test('one that is clean', async () => {
    expect(await json('run', module('hello'), 'howmany=1')).toMatchObject({
      exitCode: 0, outcome: 'clean',
      remarks: [expect.stringMatching(/^ringzero: clean, nothing left behind/)],
      result: {
        modules: [{ path: module('hello'), params: { howmany: '1' } }],
        steps: [
          { name: 'insmod hello', result: 'passed', log: [expect.stringContaining('taints kernel'), expect.stringContaining('(0) Hello, world')] },
          { name: 'run', result: 'passed', log: [] },
          { name: 'rmmod hello', result: 'passed', log: [expect.stringContaining('Goodbye')] },
          { name: 'nothing is left behind', result: 'passed', log: [] },
        ],
        reports: [], panic: null, leftovers: [], quiet: true, serial: { sent: '', lost: 0 }, trace: null,
      },
    });
  });

  test('a panic is of the step that it was in, and what comes after it is skipped', async () => {
    writeFileSync('text', 'hello');
    const { outcome, result } = await json('run', module('serial_sleeps'), '--input', 'text');
    const headline = expect.stringContaining('BUG: sleeping function called from invalid context') as string;
    expect(outcome).toBe('fault');
    expect(result).toMatchObject({ reports: [headline], panic: { headline, report: headline, token: expect.stringMatching(/^rz2\./) as string }, leftovers: null, quiet: null });
    expect((result!['steps'] as { result: string }[]).map(({ result }) => result)).toEqual(['passed', 'failed', 'skipped', 'skipped']);
    const { code, results, lines } = await ktap('run', module('serial_sleeps'), '--input', 'text');
    expect(code).toBe(1);
    expect(results).toEqual([
      'ok 1 insmod serial_sleeps', 'not ok 2 run', 'ok 3 rmmod serial_sleeps # SKIP it did not come to that',
      'ok 4 nothing is left behind # SKIP it did not come to that', 'not ok 1 run serial_sleeps',
    ]);
    expect(lines.slice(0, 5)).toEqual(['KTAP version 1', '1..1', '  KTAP version 1', '  # Subtest: run serial_sleeps', '  1..4']);
    expect(lines.findIndex((line) => line.includes('Kernel panic'))).toBeLessThan(lines.indexOf('  not ok 2 run'));
  });

  test('what the serial port sends is there, byte by byte', async () => {
    writeFileSync('bytes', Uint8Array.of(0, 255, 10, 27));
    const { result } = await json('run', module('serial'), '--input', 'bytes');
    expect(Buffer.from((result!['serial'] as { sent: string }).sent, 'base64')).toEqual(Buffer.of(0, 255, 10, 27));
  });

  test('what is left behind fails the last step', async () => {
    const { result } = await json('run', fixture('leaks'));
    expect(result!['leftovers']).not.toEqual([]);
    const { results } = await ktap('run', fixture('leaks'));
    expect(results.slice(-2)).toEqual(['not ok 4 nothing is left behind', 'not ok 1 run leaks']);
  });

  test('a refusal of insmod is of that module', async () => {
    const { results } = await ktap('run', module('hello'), fixture('refuses'));
    expect(results.slice(0, 3)).toEqual(['ok 1 insmod hello', 'not ok 2 insmod refuses', 'ok 3 run # SKIP it did not come to that']);
  });

  test('a file that does not compile has no steps, and says why', async () => {
    writeFileSync('bad.ts', "import { kmaloc } from 'ringzero/linux/slab'; kmaloc();");
    expect(await json('run', 'bad.ts')).toMatchObject({ outcome: 'fault', result: null, remarks: [expect.stringMatching(/^bad\.ts:1:10: .* did you mean 'kmalloc'/), expect.anything(), expect.anything()] });
    const { lines } = await ktap('run', 'bad.ts');
    expect(lines.slice(0, 2)).toEqual(['KTAP version 1', '1..1']);
    expect(lines[2]).toMatch(/^# bad\.ts:1:10: /);
    expect(lines.at(-1)).toBe('not ok 1 run bad');
  });
});

describe('explore', () => {
  test('one that passes has a claim, and no time in its result', async () => {
    const argv = ['explore', module('spin_counter'), 'n=1', '--schedules', '50'];
    const { outcome, result } = await json(...argv);
    expect(outcome).toBe('clean');
    expect(result).toMatchObject({ strategy: 'portfolio', schedules: 50, failure: null, claim: expect.stringMatching(/^50 schedules pass/) as string });
    expect((await json(...argv)).result).toEqual(result);
    const { code, results, lines } = await ktap(...argv);
    expect({ code, results }).toEqual({ code: 0, results: ['ok 1 explore spin_counter'] });
    expect(lines).toContain(`# ${String(result!['claim'])}`);
  });

  test('one that fails has the report, and the command that replays it', async () => {
    const { outcome, result } = await json('explore', module('spin_counter'), 'n=1', 'locked=0');
    expect(outcome).toBe('fault');
    const { report, token, replay } = result!['failure'] as Record<string, string>;
    expect({ claim: result!['claim'], replay }).toEqual({ claim: null, replay: `ringzero replay ${token} ${module('spin_counter')} n=1 locked=0` });
    expect(report).toContain(replay);
    const { results, lines } = await ktap('explore', module('spin_counter'), 'n=1', 'locked=0');
    expect(results).toEqual(['not ok 1 explore spin_counter']);
    expect(lines.some((line) => line.includes(`ringzero replay ${token}`))).toBe(true);
  });

  test('where nothing could interleave the test is skipped', async () => {
    expect(await json('explore', module('hello'))).toMatchObject({ exitCode: 4, outcome: 'nothing', result: null });
    expect(await ktap('explore', module('hello'))).toMatchObject({ code: 4, results: ['ok 1 explore hello # SKIP nothing is known'] });
  });

  test('shards together', async () => {
    for (const shard of ['1', '2']) await ringzero('explore', module('spin_counter'), 'n=1', '--schedules', '50', '--shard', `${shard}/2`, '--result', shard);
    expect(await json('explore', '--merge', '1', '2')).toMatchObject({ outcome: 'clean', result: { schedules: 50, missing: [], failure: null } });
    expect(await json('explore', '--merge', '1')).toMatchObject({ outcome: 'usage', result: { missing: ['2/2'] } });
  });
});

test('fuzz: each crash, with the test that reproduces it', async () => {
  const argv = ['fuzz', racy, '--executions', '300', '--seed', '2'];
  const { outcome, result } = await json(...argv);
  const crashes = result!['crashes'] as { headline: string; file: string }[];
  expect({ outcome, executions: result!['executions'] }).toEqual({ outcome: 'fault', executions: 300 });
  expect(crashes.length).toBeGreaterThan(0);
  for (const { file } of crashes) expect(existsSync(file)).toBe(true);
  const { results } = await ktap(...argv);
  expect(results).toEqual([...crashes.map(({ headline }, i) => `not ok ${i + 1} ${headline.replaceAll('#', '\\#')}`), 'not ok 1 fuzz racy']);
});

describe('on the command line', () => {
  test('one that is wrong has a result as well', async () => {
    expect(await json('run', 'x.ts', '--cpus', '99')).toMatchObject({ exitCode: 2, outcome: 'usage', result: null, remarks: [expect.stringContaining('--cpus must be')] });
    expect((await ringzero('run', 'x.ts', '--json', '--ktap')).out).toContain('two forms of one result');
    expect((await ringzero('run', 'x.ts', '--json=yes')).code).toBe(2);
    expect((await ringzero('tour', '--json')).err).toContain('there is no option --json');
  });

  test('help is help', async () => {
    for (const command of ['run', 'explore', 'fuzz']) expect((await ringzero(command, '--json', '--help')).out).toMatch(/--json .*\n +--ktap /);
  });

  test('what people read is on standard error, coloured or not', async () => {
    const { code, out, err } = await program(['run', 'modules/hello.ts', 'howmany=1', '--json'], { env: { FORCE_COLOR: '1' } });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ outcome: 'clean' });
    expect(out).not.toContain('\\u001b');
    expect(err).toContain('Hello, world');
  });
});
