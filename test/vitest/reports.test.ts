/** Who expects a report, and what a test says of one that nobody expects. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('fixtures', import.meta.url));
const cli = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ringzero-reports-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly title: string;
  readonly ancestorTitles: readonly string[];
  readonly status: 'passed' | 'failed';
  readonly failureMessages: readonly string[];
}

// One child run shows them all.
const file = join(folder, 'results.json');
spawnSync(process.execPath, [cli, 'run', '--root', root, '--reporter', 'json', '--outputFile', file, 'reports'], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
const tests = (JSON.parse(readFileSync(file, 'utf8')) as { testResults: { assertionResults: Ended[] }[] }).testResults[0]!.assertionResults;

const ended = (name: string): Ended => tests.find(({ title }) => title === name)!;
const message = (name: string): string => ended(name).failureMessages.join('\n---\n');

test.each(tests.filter(({ ancestorTitles }) => ancestorTitles.includes('passes')).map(({ title }) => title))('passes: %s', (name) => {
  expect(message(name)).toBe('');
  expect(ended(name).status).toBe('passed');
});

test.each(tests.filter(({ ancestorTitles }) => ancestorTitles.includes('fails')).map(({ title }) => title))('fails: %s', (name) => {
  expect(ended(name).status).toBe('failed');
  expect(ended(name).failureMessages).toHaveLength(1);
});

describe('the failure', () => {
  test('is the report, what to do where it is meant, and how to see it again', () => {
    expect(message('a report that nobody expected')).toMatch(
      /^KernelReport: the printer is on fire\nWARNING: CPU: \d+ PID: \d+ [\s\S]*Call Trace:[\s\S]*machine\.expectReport\('\.\.\.'\)[\s\S]*boot\(\{ replay: 'rz\S+' \}\)$/,
    );
    expect(message('a machine that the test boots')).toMatch(/^KernelReport: the printer is on fire\n/);
    expect(message('an oops of a task that nobody waits for')).toMatch(/^KernelReport: Oops: TypeError: never mind/);
  });

  test('is the one that nobody expected, and not the other', () => {
    expect(message('another report than was expected')).toMatch(/^KernelReport: the cellar is flooded/);
    expect(message('another report than was expected')).not.toContain('on fire');
    expect(message('a warning before a panic')).toMatch(/^KernelReport: the printer is on fire/);
  });

  test('says what came in place of what was expected', () => {
    expect(message('a report that never came')).toMatch(/^AssertionFailure: expected a report with "the cellar is flooded", but the kernel has reported only:\n\nthe printer is on fire/);
  });
});

test('a machine of several tests fails the one in which it reports', () => {
  expect(message('the one with the report fails')).toMatch(/^KernelReport: the printer is on fire/);
  expect(message('the next one passes')).toBe('');
});

test('a test that fails by itself says that alone, and leaves nothing to the next', () => {
  expect(message('a test that fails by itself is asked nothing more')).toMatch(/^KernelOops/);
  expect(ended('a test that fails by itself is asked nothing more').failureMessages).toHaveLength(1);
  expect(message('nor is the one behind it')).toBe('');
});
