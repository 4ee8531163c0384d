/** Known kernel bugs, found from the command line, and their fixes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inFolder } from './in_folder.js';
import { builtCli as cli, ROOT } from './program.js';
import { recordingTerminal } from './terminal.js';

interface Bug {
  readonly headline: string;
  readonly irq?: number;
  readonly faults?: number;
}

const bugs = JSON.parse(readFileSync(join(ROOT, 'test/explore/known_bugs.json'), 'utf8')) as Readonly<Record<string, Bug>>;

async function ringzero(...argv: string[]): Promise<{ readonly code: number; readonly out: string }> {
  const terminal = recordingTerminal();
  const code = await cli(argv, terminal);
  return { code, out: terminal.outText() + terminal.errText() };
}

inFolder();

test.each(Object.entries(bugs))('%s', async (name, { headline, irq, faults }) => {
  const file = join(ROOT, `test/explore/bugs/${name}.ts`);
  // What one would say who has read the help.
  const flags = [...(irq === undefined ? [] : ['--arm', String(irq)]), ...(faults === undefined ? [] : ['--faults', String(faults)])];
  const found = await ringzero('explore', file, ...flags);
  // What is left of memory the kernel itself reports once the machine has outlived its modules.
  expect(found.out.split('\n')[0]).toMatch(new RegExp(headline === 'left behind' ? 'left behind|^kmemleak: unreferenced object' : headline));
  expect(found.code).toBe(1);
  const [, token = ''] = /replay: ringzero replay (\S+)/.exec(found.out) ?? [];
  expect((await ringzero('replay', token, file, ...(irq === undefined ? [] : ['--arm', String(irq)]))).code).toBe(1);

  const fix = await ringzero('explore', file, 'fixed=1', ...flags, '--schedules', '300');
  expect(fix.out).toMatch(/ pass(es)?\b/);
  expect(fix.code).toBe(0);
});
