import { describe, expect, test } from 'vitest';
import { cli } from '../../runtime/cli/cli.js';
import { version } from '../../runtime/cli/package.js';
import { recordingTerminal } from './terminal.js';

/** Runs a command line in this process. */
async function ringzero(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = recordingTerminal();
  const code = await cli(argv, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

describe('help', () => {
  test.each([[[]], [['--help']], [['-h']], [['help']]])('%j lists the commands', async (argv) => {
    const { code, out, err } = await ringzero(...argv);
    expect(code).toBe(0);
    for (const command of ['tour', 'run', 'modinfo', 'rules', 'help']) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(err).toBe('');
  });

  test.each(['tour', 'run', 'modinfo', 'rules', 'help'])('explains %s, in both ways', async (command) => {
    const { code, out } = await ringzero('help', command);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^usage: ringzero ${command}`));
    expect((await ringzero(command, '--help')).out).toBe(out);
    expect((await ringzero(command, '-h')).out).toBe(out);
  });

  test('of run names every flag and every exit code', async () => {
    const { out } = await ringzero('help', 'run');
    for (const flag of ['cpus', 'memory', 'hz', 'seed', 'strategy', 'rule', 'input', 'raise', 'time', 'keep', 'replay', 'timeout', 'trace', 'loglevel']) {
      expect(out).toContain(`--${flag}`);
    }
    expect(out).toMatch(/0 clean, 1 a module is at fault/);
  });

  test('--version is that of the package', async () => {
    expect(await ringzero('--version')).toEqual({ code: 0, out: `${version()}\n`, err: '' });
    expect(version()).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe('a command line that is wrong ends with code 2 and says what to do', () => {
  const cases: [argv: string[], message: RegExp][] = [
    [['rnu'], /there is no command 'rnu' \(did you mean run\?\)/],
    [['xyzzy'], /there is no command 'xyzzy'; see: ringzero help/],
    [['constructor'], /there is no command 'constructor'/],
    [['hello.ts'], /to load a module: ringzero run hello\.ts/],
    [['help', 'tuor'], /did you mean tour\?/],
    [['--versoin'], /did you mean --version\?/],
    [['run'], /which module\?/],
    [['run', 'x.ts', '--cpu', '2'], /there is no option --cpu \(did you mean --cpus\?\)/],
    [['run', 'x.ts', '-q'], /there is no option -q/],
    [['run', 'x.ts', '--cpus'], /--cpus needs a value: --cpus N/],
    [['run', 'x.ts', '--cpus', '9'], /--cpus must be a whole number from 1 to 8, not '9'/],
    [['run', 'x.ts', '--cpus', '1.5'], /--cpus must be a whole number/],
    [['run', 'x.ts', '--cpus', '1', '--cpus', '2'], /--cpus is given twice/],
    [['run', 'x.ts', '--hz', '10'], /--hz must be a whole number from 24 to 1000/],
    [['run', 'x.ts', '--seed', 'lucky'], /--seed must be a whole number/],
    [['run', 'x.ts', '--keep=yes'], /--keep takes no value/],
    [['run', 'x.ts', '--strategy', 'randm'], /--strategy must be time or random, not 'randm' \(did you mean random\?\)/],
    [['run', 'x.ts', '--time', 'soon'], /--time must be a number of milliseconds/],
    [['run', 'x.ts', '--timeout', '-1'], /--timeout must be a number of seconds/],
    [['run', 'x.ts', '--raise', '64'], /--raise must be a whole number from 1 to 63/],
    [['run', 'x.ts', '--memory', 'normal'], /'normal' is not ZONE=SIZE/],
    [['run', 'x.ts', '--memory', 'hihg=4M'], /there is no zone 'hihg'; there are dma, normal, highmem/],
    [['run', 'x.ts', '--memory', 'normal=1000'], /multiple of 4K/],
    [['run', 'x.ts', '--rule', 'kasn=warn'], /there is no rule 'kasn' \(did you mean kasan\?\); see: ringzero rules/],
    [['run', 'x.ts', '--rule', 'kasan'], /there is no rule 'kasan'|must be panic, warn or off/],
    [['run', 'x.ts', '--rule', 'kasan=loud'], /--rule kasan= must be panic, warn or off, not 'loud'/],
    [['run', 'howmany=3', 'hello.ts'], /the parameter howmany=3 comes after the module that it is for/],
    [['run', 'modules/hello.ts', '--input', 'no/such/file'], /cannot read no\/such\/file: there is no such file/],
    [['run', 'modules/hello.ts', '--input', 'modules'], /cannot read modules: it is a folder/],
    [['tour', 'a', 'b'], /the tour takes one file/],
    [['tour', 'no/such/file'], /cannot read no\/such\/file: there is no such file/],
    [['tour', '--fast'], /there is no option --fast/],
    [['modinfo'], /modinfo takes one module/],
    [['modinfo', 'a.ts', 'b.ts'], /modinfo takes one module/],
    [['rules', 'kasan'], /rules takes nothing/],
  ];
  test.each(cases)('%j', async (argv, message) => {
    const { code, out, err } = await ringzero(...argv);
    expect(err).toMatch(message);
    expect(err).toMatch(/^ringzero: /);
    expect(err).not.toMatch(/\n {4}at /);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});

test('rules are listed with their settings', async () => {
  const { code, out } = await ringzero('rules');
  expect(code).toBe(0);
  expect(out).toMatch(/^sleep-in-atomic +panic +\S/m);
  expect(out).toMatch(/^oops +warn +\S/m);
});
