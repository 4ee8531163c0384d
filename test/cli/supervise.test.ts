import { close, open } from 'node:inspector';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './program.js';

const built = pathToFileURL(join(ROOT, 'dist/runtime/supervisor/supervisor.js')).href;
const { supervise } = (await import(/* @vite-ignore */ built)) as typeof import('../../runtime/supervisor/supervisor.js');

const hang = join(ROOT, 'test/cli/fixtures/hang.ts');

test('a run comes out as data', async () => {
  const lines: string[] = [];
  const stages: string[] = [];
  const outcome = await supervise(
    { kind: 'run', modules: [{ path: join(ROOT, 'modules/serial.ts') }], input: new TextEncoder().encode('abc') },
    { console: (line) => void lines.push(line), stage: (stage) => stages.push(stage) },
  );
  expect(outcome).toMatchObject({ kind: 'done', quiet: true, leftovers: [], state: { headlines: [], lost: 0, serial_interrupts: 3 } });
  if (outcome.kind === 'done') expect(new TextDecoder().decode(outcome.state.sent)).toBe('abc');
  expect(stages).toEqual(['insmod serial', 'loaded', 'unloading', 'rmmod serial', 'unloaded']);
  expect(lines.map((line) => line.replace(/^\[.*\] /, ''))).toEqual(['serial: loading out-of-tree module taints kernel.', 'serial: UART at 0x3f8, irq 4', expect.anything()]);
});

test('a lockup comes out as its report', async () => {
  const outcome = await supervise({ kind: 'run', modules: [{ path: hang }] }, { timeout_s: 0.3 });
  expect(outcome).toMatchObject({ kind: 'lockup', headline: 'NMI watchdog: Watchdog detected hard LOCKUP on cpu 0' });
});

test('an open inspector stops the watchdog: who stands at a breakpoint is not locked up', async () => {
  open(0, '127.0.0.1');
  let ended = false;
  const outcome = supervise({ kind: 'run', modules: [{ path: hang }] }, { timeout_s: 0.1 });
  void outcome.then(() => { ended = true; });
  await wait(2000);
  expect(ended).toBe(false);
  close();
  expect(await outcome).toMatchObject({ kind: 'lockup' });
});

test('a signal ends it, before and during', async () => {
  expect(await supervise({ kind: 'run', modules: [{ path: hang }] }, { signal: AbortSignal.abort() })).toMatchObject({ kind: 'interrupted' });
  const aborter = new AbortController();
  const outcome = supervise({ kind: 'run', modules: [{ path: hang }] }, {
    signal: aborter.signal,
    console: () => void setTimeout(() => {
      aborter.abort();
    }, 100),
  });
  expect(await outcome).toMatchObject({ kind: 'interrupted' });
});

test('a console that waits is waited for, and is no lockup', async () => {
  const lines: string[] = [];
  const outcome = await supervise({ kind: 'run', modules: [{ path: join(ROOT, 'test/cli/fixtures/chatty.ts'), params: { lines: 5000 } }] }, {
    timeout_s: 0.2,
    console: async (line) => {
      if (lines.push(line) === 1) await new Promise((resolve) => setTimeout(resolve, 800));
    },
  });
  expect(outcome).toMatchObject({ kind: 'done' });
  expect(lines.filter((line) => !line.includes('taints kernel'))).toHaveLength(5000);
});

test('options that make no sense come out as such', async () => {
  expect(await supervise({ kind: 'run', modules: [], boot: { cpus: 99 } })).toEqual({
    kind: 'bad-option',
    message: 'boot(): cpus must be an integer from 1 to 8, got 99',
  });
});

test('many runs at once', async () => {
  const runs = Array.from({ length: 8 }, () => supervise({ kind: 'run', modules: [{ path: join(ROOT, 'modules/hello.ts') }] }));
  for (const outcome of await Promise.all(runs)) expect(outcome).toMatchObject({ kind: 'done', leftovers: [] });
});
