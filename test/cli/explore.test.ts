import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtCli as cli, ROOT } from './program.js';
import { inFolder } from './in_folder.js';
import { recordingTerminal } from './terminal.js';

const bug = (name: string): string => join(ROOT, `test/explore/bugs/${name}.ts`);

async function ringzero(...argv: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const terminal = recordingTerminal();
  const code = await cli(argv, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

function keptFailures(): { readonly token: string }[] {
  return readdirSync('.ringzero/failures').map((file) => JSON.parse(readFileSync(join('.ringzero/failures', file), 'utf8')) as { token: string });
}

inFolder();

describe('ringzero explore', () => {
  test('finds a bug, keeps it, tries it first, and forgets it once it is fixed', async () => {
    const first = await ringzero('explore', bug('unfilled_buffer'), '--arm', '5');
    expect(first.code).toBe(1);
    expect(first.out).toMatch(/^kernel BUG at /);
    expect(first.out).toContain('found by schedule');
    const { token } = keptFailures()[0]!;
    expect(first.out).toContain(`replay: ringzero replay ${token} ${bug('unfilled_buffer')} --arm 5`);

    const second = await ringzero('explore', bug('unfilled_buffer'), '--arm', '5');
    expect(second.out).toContain('the schedule that failed the last time fails again');

    const again = await ringzero('replay', token, bug('unfilled_buffer'), '--arm', '5');
    expect(again.code).toBe(1);
    expect(again.err).toContain('it fails: kernel BUG at ');

    // An edit that mends nothing: the token is of the driver as it was, the decisions are tried.
    const source = readFileSync(bug('unfilled_buffer'), 'utf8');
    writeFileSync('edited.ts', source);
    await ringzero('explore', 'edited.ts', '--arm', '5');
    writeFileSync('edited.ts', `${source}// edited\n`);
    const edited = await ringzero('explore', 'edited.ts', '--arm', '5');
    expect(edited.out).toContain('the modules or their parameters have changed, and the decisions that failed the last time still fail');
    const refused = await ringzero('replay', token, 'edited.ts', '--arm', '5');
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('the module edited has changed');
    rmSync('edited.ts');
    rmSync('.ringzero', { recursive: true });
    await ringzero('explore', bug('unfilled_buffer'), '--arm', '5');

    // A module of the same name, mended.
    writeFileSync('unfilled_buffer.ts', readFileSync(bug('unfilled_buffer'), 'utf8'));
    expect((await ringzero('explore', 'unfilled_buffer.ts', '--arm', '5')).code).toBe(1);
    writeFileSync('unfilled_buffer.ts', readFileSync(bug('unfilled_buffer'), 'utf8').replace("bool, false", 'bool, true'));
    expect((await ringzero('explore', 'unfilled_buffer.ts', '--arm', '5')).code).toBe(0);
    expect(keptFailures().map((kept) => kept.token)).toEqual([token]);
  });

  test('says what a passing exploration has shown', async () => {
    const { code, out } = await ringzero('explore', bug('second_allocation'), 'fixed=1', '--faults', '1');
    expect(out).toMatch(/^every schedule there is \(\d+\) passes\n$/);
    expect(code).toBe(0);
    expect(existsSync('.ringzero')).toBe(false);
  });

  test('what is left behind is a failure', async () => {
    const { code, out } = await ringzero('explore', bug('keyspan_probe'), '--faults', '1');
    expect(out).toMatch(/^kmemleak: unreferenced object/);
    expect(out).toContain('the allocation fails');
    expect(code).toBe(1);
  });

  test.each([
    [['explore'], 'which module?'],
    [['explore', 'x.ts', '--strategy', 'dela'], 'did you mean delay?'],
    [['explore', 'x.ts', '--schedules', '0'], '--schedules must be a whole number from 1'],
    [['explore', 'there_is_none.ts'], 'no such file'],
    [['replay'], 'which schedule?'],
    [['replay', 'rz2.nonsense', 'x.ts'], 'damaged'],
  ])('%j is refused', async (argv, message) => {
    const { code, err } = await ringzero(...argv);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });

  test('where nothing can interleave, that is a failure', async () => {
    const { code, err } = await ringzero('explore', join(ROOT, 'modules/hello.ts'));
    expect(err).toContain('nothing could interleave');
    expect(code).toBe(4);
  });
});
