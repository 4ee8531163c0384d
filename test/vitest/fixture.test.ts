/** The fixture: a machine a test, its options, and what a failed test shows. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Machine } from 'ringzero';
import { raw_smp_processor_id } from 'ringzero/linux/smp';
import { expect, test } from 'ringzero/vitest';

const root = fileURLToPath(new URL('fixtures', import.meta.url));
const cli = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

let earlier: Machine | null = null;

test('a machine of its own', ({ machine }) => {
  earlier = machine;
  expect(machine.run(() => raw_smp_processor_id())).toBe(0);
});

test('that is off when the test has ended', ({ machine }) => {
  expect(earlier).not.toBe(machine);
  expect(() => earlier?.run(() => 0)).toThrow('the machine is switched off');
});

test.describe('options', () => {
  test.override({ boot: { cpus: 1, seed: 7 } });

  test('hold for the tests of a describe()', ({ machine, boot }) => {
    expect(boot).toEqual({ cpus: 1, seed: 7 });
    expect(machine.kernel.arch.cpus).toHaveLength(1);
  });
});

test('and for no others', ({ machine }) => {
  expect(machine.kernel.arch.cpus).toHaveLength(2);
});

test.describe('a failed test', () => {
  // One child run shows them all.
  const { stdout, stderr } = spawnSync(process.execPath, [cli, 'run', '--root', root, '--reporter', 'default'], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  const output = `${stdout}\n${stderr}`;

  /** What is printed for one test. */
  const failure = (name: string): string => {
    const from = output.lastIndexOf(`${name}\n`);
    return output.slice(from, output.indexOf('⎯⎯⎯⎯[', from));
  };

  test('by an unexpected panic shows the report, not our stack', () => {
    const text = failure('a panic that nobody expected');
    expect(text).toContain('KernelPanic: BUG: sleeping function called from invalid context');
    expect(text).toMatch(/--> \S*sleeps\.ts:7:/);
    expect(text).toContain('kmalloc(64, GFP_KERNEL);');
    expect(text).toMatch(/replay: .*rz/);
    expect(text).toMatch(/failing\.spec\.ts:\d+:\d+/);
    expect(text).not.toMatch(/runtime\/machine|runtime\/native/);
    expect(text).not.toContain('Serialized Error');
  });

  test('by an assertion shows the log and the token', () => {
    const text = failure('an assertion about a machine');
    expect(text).toContain('The log of the machine:');
    expect(text).toContain('the log is shown');
    expect(text).toMatch(/boot\(\{ replay: 'rz\S+' \}\)/);
  });

  test('inside the machine points at the test', () => {
    const text = failure('an assertion inside the machine');
    expect(text).toContain('expected 2 to be 3');
    expect(text).toMatch(/failing\.spec\.ts:\d+:\d+/);
    expect(text).not.toMatch(/runtime\/machine|kernel\/sched/);
  });

  test('by what a module left behind lists it', () => {
    const text = failure('a machine that is not clean');
    expect(text).toMatch(/memory: .*size 100.*leaks\.ts:7/);
    expect(text).toMatch(/interrupt: irq 7 .*leaky/);
  });

  test('by a missing panic says what happened instead', () => {
    expect(failure('and none came')).toContain('expected kernel panic, but it returned, and the kernel reported nothing');
  });
});
