/** Everything ends, and says where it was. The fixtures would go on for hours, or for ever. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { boot, CallTooLong } from '../../runtime/index.js';
import { describe, expect, test } from 'vitest';
import { ringzero, ROOT } from './program.js';

const built = pathToFileURL(join(ROOT, 'dist/runtime/supervisor/supervisor.js')).href;
const { supervise } = (await import(/* @vite-ignore */ built)) as typeof import('../../runtime/supervisor/supervisor.js');

const fixture = (name: string): string => `test/cli/fixtures/endless/${name}.ts`;

describe('a built-in function that not even the end of its thread interrupts', () => {
  test.each([
    ['run', '--timeout', '0.3'],
    ['explore', '--timeout', '0.3', '--workers', '2'],
    ['fuzz', '--timeout', '0.3'],
  ])('%s is over when its lockup has been reported', async (command, ...flags) => {
    const { code, out, err } = await ringzero([command, fixture('index_of'), ...flags]);
    expect(out).toContain('watchdog: Watchdog detected hard LOCKUP on cpu 0\n  --> test/cli/fixtures/endless/index_of.ts:7:3\n');
    expect(err).toContain('the module ran for 0.3 s without reaching');
    expect(code).toBe(1);
  });

  test('the second Ctrl-C ends all at once', async () => {
    const { code, out } = await ringzero(['run', fixture('index_of'), '--timeout', '1e6'], {
      meanwhile: (child) => {
        child.stdout!.on('data', (piece: Buffer) => {
          if (!piece.toString().includes('here')) return;
          child.kill('SIGINT');
          // Node's own signals are not queued: two at once would be one.
          setTimeout(() => child.kill('SIGINT'), 200);
        });
      },
    });
    expect(out).toContain('here');
    expect(code).toBe(130);
  });

  test('one Ctrl-C ends it, and says where it was', async () => {
    const { code, err } = await ringzero(['run', fixture('index_of'), '--timeout', '1e6'], {
      meanwhile: (child) => {
        child.stdout!.on('data', (piece: Buffer) => {
          if (piece.toString().includes('here')) child.kill('SIGINT');
        });
      },
    });
    // The line before it may still be at its end.
    expect(err).toMatch(/ringzero: interrupted\n {2}--> test\/cli\/fixtures\/endless\/index_of\.ts:\d+:\d+\n/);
    expect(code).toBe(130);
  });
});

test('a regular expression that backtracks', async () => {
  const { code, out } = await ringzero(['run', fixture('backtracks'), '--timeout', '0.3']);
  expect(out).toContain('hard LOCKUP');
  expect(code).toBe(1);
});

describe('code that reaches points all along', () => {
  // What fuzz() plays is cut short long before that, by its own bound on points.
  test.each([['run', 'catches'], ['run', 'slow'], ['explore', 'catches']])('%s ends the call into the machine of %s', async (command, name) => {
    const { code, err } = await ringzero([command, fixture(name), '--limit', '0.5']);
    expect(err).toContain(`ringzero: a call into the machine took more than 0.5 s, and was ended\n  --> ${fixture(name)}`);
    expect(err).toContain('--limit SECONDS');
    expect(code).toBe(1);
  });

  test('slow statements are no lockup', async () => {
    const { out, err } = await ringzero(['run', fixture('slow'), '--timeout', '2', '--limit', '4']);
    expect(out).not.toContain('LOCKUP');
    expect(err).toContain('a call into the machine took more than 4 s');
  });

  test('modinfo ends a top level', async () => {
    const { code, err } = await ringzero(['modinfo', fixture('top_level'), '--limit', '0.5']);
    expect(err).toContain('a call into the machine took more than 0.5 s, and was ended\n  --> test/cli/fixtures/endless/top_level.ts:5');
    expect(code).toBe(1);
  });

  test('a test gets an error with the place, and may power the machine off', () => {
    const machine = boot({ limit_s: 0.2 });
    expect(() => { machine.insmod(fixture('catches')); }).toThrow(CallTooLong);
    expect(() => { machine.advance(1e12); }).toThrow(/more than 0\.2 s of the host's time; its code was at\n {2}--> test\/cli\/fixtures\/endless\/catches\.ts/);
    machine.powerOff();
  });

  test('a limit that is none is refused', async () => {
    expect(() => boot({ limit_s: 0 })).toThrow('boot(): limit_s must be a number of seconds above 0, got 0');
    const { code, err } = await ringzero(['run', fixture('catches'), '--limit', '0']);
    expect(err).toContain('--limit must be a number of seconds above 0');
    expect(code).toBe(2);
  });
});

test('memory outside of the heap is bounded', async () => {
  const outcome = await supervise({ kind: 'run', modules: [{ path: join(ROOT, fixture('buffers')) }] }, { memory_bytes: process.memoryUsage.rss() + (200 << 20) });
  expect(outcome).toMatchObject({ kind: 'out-of-memory' });
});
