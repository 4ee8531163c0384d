import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtCli as cli, ROOT, ringzero as program } from './program.js';
import { inFolder } from './in_folder.js';
import { recordingTerminal } from './terminal.js';

const racy = join(ROOT, 'test/fuzz/racy.ts');
const counter = join(ROOT, 'modules/irq_counter.ts');

async function ringzero(...argv: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const terminal = recordingTerminal();
  const code = await cli(argv, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

inFolder();

describe('ringzero fuzz', () => {
  test('writes a test for each crash, and says which', async () => {
    const { code, out } = await ringzero('fuzz', racy, '--executions', '600', '--seed', '2');
    expect(code).toBe(1);
    const files = readdirSync('.ringzero/crashes');
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const text = readFileSync(join('.ringzero/crashes', file), 'utf8');
      const [, , headline] = /^(\/\/ Found .*)\n\/\/ (.*)\n/.exec(text)!;
      expect(out).toContain(headline);
      expect(out).toContain(join('.ringzero/crashes', file));
      expect(text).toContain(`machine.insmod('${racy}'`);
    }
    expect(out).toMatch(new RegExp(`\n600 programs from seed 2, guided by coverage, came to \\d+ edges of racy: \\d+ crashed, in ${files.length} ways?\n$`));
    expect(out.split('\n').length).toBeLessThan(24);
  });

  test('--output says where', async () => {
    await ringzero('fuzz', racy, '--executions', '300', '--output', 'found/here');
    expect(existsSync('.ringzero')).toBe(false);
    expect(readdirSync('found/here').length).toBeGreaterThan(0);
  });

  test('--corpus keeps what brought coverage, for the next run to begin with', async () => {
    const first = await ringzero('fuzz', counter, '--executions', '200', '--corpus', 'kept');
    const [, written] = /^ringzero: \d+ programs in the corpus, (\d+) of them new in kept, [\d.]+ s\n$/.exec(first.err)!;
    expect(readdirSync('kept')).toHaveLength(Number(written));
    const again = await ringzero('fuzz', counter, '--executions', '20', '--corpus', 'kept');
    expect(again.out).toContain(`20 programs from seed 0, and ${written} of the corpus, guided by coverage`);
    const other = await ringzero('fuzz', racy, '--executions', '20', '--corpus', 'kept');
    expect(other.out).toMatch(/20 programs from seed 0, and 0 of the corpus \(\d+ more do not fit\), guided by coverage/);
    writeFileSync('kept/notes', '');
    const { code, err } = await ringzero('fuzz', counter, '--corpus', 'kept');
    expect(err).toBe('ringzero: kept/notes cannot be used as a part of the corpus (it is no program that ringzero wrote): remove it, or name another folder\n');
    expect(code).toBe(2);
  });

  test('--workers share the programs, and report the same each time', async () => {
    const argv = ['fuzz', racy, '--executions', '600', '--seed', '2', '--workers', '3'];
    const first = await ringzero(...argv);
    expect(first.out).toMatch(/\n600 programs from seed 2 by 3 workers, guided by coverage, came to \d+ edges of racy: \d+ crashed, in \d+ ways?\n$/);
    const tests = (): string[] => readdirSync('.ringzero/crashes').map((file) => readFileSync(join('.ringzero/crashes', file), 'utf8'));
    const written = tests();
    rmSync('.ringzero', { recursive: true });
    expect((await ringzero(...argv)).out).toBe(first.out);
    expect(tests()).toEqual(written);
  });

  test.each(['1', '2'])('a module that reaches no point is ended, with its line and what was found before: %s workers', async (workers) => {
    const { code, out, err } = await ringzero('fuzz', join(ROOT, 'test/fuzz/fixtures/hangs.ts'), '--timeout', '1', '--workers', workers);
    expect(out).toMatch(/^Oops: Error: three \[#1\]\n[^]*\nNMI watchdog: Watchdog detected hard LOCKUP on cpu \d\n {2}--> \S*hangs\.ts:11:3\n {2}11 \| {3}return n === 2147483647 && /);
    expect(err).toContain('without reaching a statement, a kernel call or a memory access');
    expect(readdirSync('.ringzero/crashes')).toContain('1-oops-error-three-1.test.ts');
    expect(code).toBe(1);
  });

  test('a module that does not load says why, once', async () => {
    writeFileSync('bad.ts', 'const x: = 1;\n');
    const { code, err } = await ringzero('fuzz', 'bad.ts', '--workers', '3');
    expect(err.match(/bad\.ts:1:/g)).toHaveLength(1);
    expect(code).toBe(1);
  });

  test('nothing found is nothing written', async () => {
    const { code, out } = await ringzero('fuzz', counter, 'irq=6', '--executions', '200', '--irq', '7');
    expect(out).toMatch(/^200 programs from seed 0, guided by coverage, came to \d+ edges of irq_counter: none crashed\n$/);
    expect(code).toBe(0);
    expect(readdirSync('.')).toEqual([]);
  });

  test('nothing to fuzz is a failure', async () => {
    writeFileSync('idle.ts', "import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';\nmodule_init(() => 0);\nmodule_exit(() => undefined);\nMODULE_LICENSE('GPL');\n");
    const { code, err } = await ringzero('fuzz', 'idle.ts');
    expect(err).toContain('ringzero: nothing to fuzz: idle exports no function');
    expect(code).toBe(1);
  });

  test.each([
    [['fuzz'], 'which module? ringzero fuzz FILE.ts'],
    [['fuzz', 'x.ts', '--executions', '0'], '--executions must be a whole number from 1'],
    [['fuzz', 'x.ts', '--irq', '0'], '--irq must be a whole number from 1'],
    [['fuzz', 'x.ts', '--execution', '1'], 'did you mean --executions?'],
    [['fuzz', 'x.ts', '--workers', '65'], '--workers must be a whole number from 1 to 64'],
    [['fuzz', 'x.ts', '--timeout', '0'], '--timeout must be a number of seconds above 0'],
    [['fuzz', 'x.ts', '--corpus'], '--corpus needs a value: --corpus DIR'],
    [['fuzz', 'x.ts', '--corpus', ''], '--corpus must name a folder'],
    [['fuzz', racy, '--corpus', racy], 'racy.ts cannot be read (it is no folder): name a folder for it'],
    [['fuzz', 'there_is_none.ts'], 'no such file'],
    [['fuzz', racy, '--executions', '300', '--output', '/dev/null/x'], 'cannot write /dev/null/x/1-'],
  ])('%j is refused', async (argv, message) => {
    const { code, err } = await ringzero(...argv);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  test.runIf(process.platform === 'linux')('a corpus where no folder can be made', async () => {
    const { code, err } = await ringzero('fuzz', racy, '--corpus', '/proc/none/x');
    expect(err).toContain('the corpus /proc/none/x cannot be written to: ENOENT');
    expect(code).toBe(2);
  });

  test.each(['1', '2'])('Ctrl-C says what is known by then: %s workers', async (workers) => {
    const { code, err } = await program(['fuzz', counter, '--executions', '1000000000', '--output', process.cwd(), '--workers', workers], {
      meanwhile: (child) => {
        // The first line of progress: it is at work.
        child.stderr!.once('data', () => child.kill('SIGINT'));
      },
    });
    expect(err).toMatch(/ringzero: \d+ programs, \d+ edges, 0 crashes, \d+ a second\n/);
    expect(err).toMatch(/ringzero: interrupted; by then: \d+ programs from seed 0( by 2 workers)?, guided by coverage, came to \d+ edges of irq_counter: none crashed/);
    expect(code).toBe(130);
  });
});
