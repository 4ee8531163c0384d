import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { modes } from '../native/harness.js';
import { ringzero } from './program.js';

const folder = mkdtempSync(join(tmpdir(), 'ringzero-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const fixture = (name: string): string => `test/cli/fixtures/${name}.ts`;
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
/** A log without its stamps. */
const unstamped = (text: string): string => text.replace(/^\[ *\d+\.\d+\] /gm, '');

describe('a run that is clean ends with code 0', () => {
  test('the log is standard output, the remarks are standard error', async () => {
    const { code, out, err } = await ringzero(['run', 'modules/hello.ts', 'howmany=2', 'whom=Mom and Dad']);
    expect(unstamped(out)).toBe('hello: loading out-of-tree module taints kernel.\n(0) Hello, Mom and Dad\n(1) Hello, Mom and Dad\nGoodbye, cruel world\n');
    expect(err).toMatch(/^ringzero: clean, nothing left behind; .* of virtual time\n$/);
    expect(code).toBe(0);
  });

  test('modules are unloaded in the opposite order', async () => {
    const { out } = await ringzero(['run', 'modules/hello.ts', 'modules/dog.ts']);
    expect(unstamped(out).split('\n').map((line) => line.split(' ')[0])).toEqual(['hello:', '(0)', 'dog:', 'dog:', 'Goodbye,', '']);
  });

  test('--keep leaves them loaded', async () => {
    const { code, out, err } = await ringzero(['run', 'modules/dog.ts', '--keep']);
    expect(out).not.toContain('gone');
    expect(err).toContain('modules still loaded');
    expect(code).toBe(0);
  });

  test('--raise raises lines', async () => {
    const { out } = await ringzero(['run', 'modules/irq_counter.ts', 'irq=7', '--raise', '7', '--raise', '7', '--raise', '7']);
    expect(out).toContain('irq_counter: line 7: even 1 of 3, odd 2 of 3');
  });

  test('--time runs for so long', async () => {
    const { err } = await ringzero(['run', 'modules/hello.ts', '--time', '250']);
    expect(err).toContain('250 ms of virtual time');
  });

  test('--trace shows the event log', async () => {
    const { out } = await ringzero(['run', 'modules/hello.ts', '--trace']);
    expect(out).toContain('sched_switch');
  });

  test('standard input arrives at the serial port', async () => {
    const { code, out } = await ringzero(['run', 'modules/serial.ts', '--input', '-'], { input: 'hello\x1b[31m, driver\n' });
    expect(out).toContain('The serial port sent 19 bytes:\n  | hello\u241b[31m, driver\n');
    expect(code).toBe(0);
  });

  test('a colour is only for a terminal, or on request', async () => {
    const escape = /\x1b\[/;
    expect((await ringzero(['run', 'modules/hello.ts'])).out).not.toMatch(escape);
    expect((await ringzero(['run', 'modules/hello.ts'], { env: { FORCE_COLOR: '1' } })).out).toMatch(escape);
    expect((await ringzero(['run', 'modules/hello.ts'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).out).not.toMatch(escape);
  });

  test('a machine that is never quiet is stopped, and said to be', async () => {
    const { code, err } = await ringzero(['run', fixture('busy'), '--time', '1']);
    expect({ code, busy: err.includes('modules still loaded') }).toEqual({ code: 0, busy: true });
    expect((await ringzero(['run', fixture('busy')])).err).toContain('still busy after');
  });
});

describe('a module at fault ends with code 1', () => {
  test('a panic, with the command that replays it to the letter', async () => {
    const argv = ['run', 'modules/serial_sleeps.ts', '--input', 'LICENSE', '--cpus', '3', '--rule', 'oops=panic', '--seed', '5', '--strategy', 'random'];
    const first = await ringzero(argv);
    expect(first.code).toBe(1);
    expect(first.out).toContain('BUG: sleeping function called from invalid context');
    expect(first.out).toContain('const node = kmalloc(sizeof(serial_byte), GFP_KERNEL);');
    const [, command = ''] = /replay: ringzero (.*)\n$/.exec(first.out) ?? [];
    expect(command).toMatch(/^run modules\/serial_sleeps\.ts --cpus 3 --rule oops=panic --input LICENSE --replay rz2\.[\w-]+$/);
    const again = await ringzero(command.split(' '));
    expect(again).toEqual(first);
  });

  test('a token of another machine or another program is refused with code 2', async () => {
    const { out } = await ringzero(['run', 'modules/serial_sleeps.ts', '--input', 'LICENSE']);
    const token = /--replay (\S+)/.exec(out)![1]!;
    const other = await ringzero(['run', 'modules/serial_sleeps.ts', '--input', 'LICENSE', '--cpus', '4', '--replay', token]);
    expect(other.code).toBe(2);
    expect(other.err).toContain('booted with other options');
    const damaged = await ringzero(['run', 'modules/serial_sleeps.ts', '--replay', token.slice(0, -2)]);
    expect(damaged.code).toBe(2);
    expect(damaged.err).toMatch(/^ringzero: the replay token is damaged/);
  });

  test('a leak', async () => {
    const { code, err } = await ringzero(['run', fixture('leaks')]);
    expect(code).toBe(1);
    expect(err).toMatch(/left behind by the modules:\n {2}unreferenced object 0x[\da-f]+ \(size 100, kmalloc-128\), allocated by leaks_init {2}test\/cli\/fixtures\/leaks\.ts:8/);
  });

  test('an oops', async () => {
    const { code, out, err } = await ringzero(['run', fixture('throws')]);
    expect(code).toBe(1);
    expect(out).toContain('BUG: kernel NULL pointer dereference, address: 00000000');
    expect(out).toContain("TypeError: Cannot read properties of null (reading 'length')");
    expect(out).toContain('throws.ts:8:');
    expect(err).toMatch(/^ringzero: BUG: kernel NULL pointer dereference/);
  });

  test('an init function that refuses', async () => {
    const { code, err } = await ringzero(['run', fixture('refuses')]);
    expect({ code, err }).toEqual({ code: 1, err: 'ringzero: insmod refuses: No such device (ENODEV)\n' });
  });

  test('a parameter that is no number', async () => {
    const { code, out, err } = await ringzero(['run', 'modules/hello.ts', 'howmany=many']);
    expect(out).toContain("hello: `many' invalid for parameter `howmany'");
    expect({ code, err }).toEqual({ code: 1, err: 'ringzero: insmod hello: Invalid argument (EINVAL)\n' });
  });

  test('a syntax error shows the line, and nothing of ours', async () => {
    const path = file('broken.ts', '// a mistake\nfunction broken( {\n');
    const { code, out, err } = await ringzero(['run', path]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/broken\.ts:\d+:\d+: /);
    expect(err).toMatch(/^ {2}\d+ \| .*\n +\| +\^$/m);
    expect(err).not.toMatch(/\n {4}at /);
  });

  test('a header that there is not', async () => {
    const path = file('header.ts', "import { kmalloc } from 'ringzero/linux/slob';\nkmalloc(1, 0);\n");
    const { code, err } = await ringzero(['run', path]);
    expect(code).toBe(1);
    expect(err).toMatch(/header\.ts:1:\d+: .*slob.*/);
  });

  test('a file that there is not is the command line\'s fault', async () => {
    const { code, err } = await ringzero(['run', 'modules/hullo.ts']);
    expect(code).toBe(2);
    expect(err).toMatch(/^modules\/hullo\.ts: no such file/);
  });
});

describe('a module that hangs', () => {
  test.each(modes)('is ended and told where it was (%s switch)', async (mode) => {
    const { code, out, err } = await ringzero(['run', fixture('hang'), '--timeout', '0.5'], { env: { RINGZERO_SWITCH: mode } });
    expect(code).toBe(1);
    expect(out).toMatch(/hang: about to\n/);
    expect(out).toContain(
      [
        'NMI watchdog: Watchdog detected hard LOCKUP on cpu 0',
        '  --> test/cli/fixtures/hang.ts:8:3',
        '  8 |   return /^(a+)+$/.test(text);',
        '    |   ^',
        'Call Trace:',
        '  catastrophe  test/cli/fixtures/hang.ts:8:3 [hang]',
        '  hang_init  test/cli/fixtures/hang.ts:13:3 [hang]',
        'Kernel panic - not syncing: Hard LOCKUP',
      ].join('\n'),
    );
    expect(err).toContain('the module ran for 0.5 s');
  });

  test('ends on Ctrl-C with what is known, and code 130', async () => {
    const { code, err } = await ringzero(['run', fixture('hang')], {
      meanwhile: (child) => {
        child.stdout!.once('data', () => setTimeout(() => child.kill('SIGINT'), 300));
      },
    });
    expect(code).toBe(130);
    expect(err).toMatch(/^ringzero: interrupted\n/);
    expect(err).toContain('catastrophe  test/cli/fixtures/hang.ts:8:3 [hang]');
  });
});

test('a module that fills the host\'s memory is ended and told where it was', async () => {
  const { code, err } = await ringzero(['run', fixture('glutton')], { env: { NODE_OPTIONS: '--max-old-space-size=48' } });
  expect(code).toBe(1);
  expect(err).toMatch(/^ringzero: what the module's JavaScript keeps has filled the memory/);
  expect(err).toContain('glutton_init  test/cli/fixtures/glutton.ts:8:');
});

test('Ctrl-C is heard while standard input is read', async () => {
  const { code, err } = await ringzero(['run', 'modules/serial.ts', '--input', '-'], {
    input: null,
    meanwhile: (child) => {
      // Nothing tells from outside that it reads: a process that has not begun to listen would just end.
      setTimeout(() => child.kill('SIGINT'), 4000);
    },
  });
  expect({ code, err }).toEqual({ code: 130, err: 'ringzero: interrupted\n' });
});

describe('piped', () => {
  const numbers = (out: string): string[] => out.split('\n').filter((line) => line.includes('] line '));

  test('no line of 10000 is lost, nor out of order', async () => {
    const { code, out } = await ringzero(['run', fixture('chatty')]);
    expect(code).toBe(0);
    expect(numbers(out).map((line) => Number(/line (\d+)$/.exec(line)![1]))).toEqual(Array.from({ length: 10000 }, (_, i) => i));
  });

  test('nor before a panic', async () => {
    const { code, out } = await ringzero(['run', fixture('chatty'), 'panics=1']);
    expect(code).toBe(1);
    expect(numbers(out)).toHaveLength(10000);
    expect(out).toMatch(/Kernel panic - not syncing: .*\n.*replay: .*\n$/);
  });

  test('a reader that is slow is waited for', async () => {
    const { code, out } = await ringzero(['run', fixture('chatty'), 'lines=30000', '--timeout', '1'], {
      meanwhile: (child) => {
        child.stdout!.pause();
        setTimeout(() => child.stdout!.resume(), 2500);
      },
    });
    expect(code).toBe(0);
    expect(numbers(out)).toHaveLength(30000);
  });

  test('a reader that goes away ends the run quietly', async () => {
    const { code, err } = await ringzero(['run', fixture('chatty'), 'lines=1000000'], {
      meanwhile: (child) => {
        child.stdout!.once('data', () => child.stdout!.destroy());
      },
    });
    expect(code).toBe(141);
    expect(err).not.toMatch(/EPIPE|\n {4}at /);
  });
});

test('modinfo says what a module says of itself, and its init does not run', async () => {
  const { code, out } = await ringzero(['modinfo', 'modules/hello.ts']);
  expect(code).toBe(0);
  expect(out).toMatch(/^filename: +\/.*modules\/hello\.ts$/m);
  expect(out).toMatch(/^license: +Dual BSD\/GPL$/m);
  expect(out).toMatch(/^parm: +howmany:How many times to say hello \(int\)/m);
  expect(out).not.toContain('Hello, world');
  expect((await ringzero(['modinfo', 'modules/none.ts'])).code).toBe(2);
});
