import { describe, expect, it } from 'vitest';
import { modes, runFixture, testCases } from './harness.js';

describe.each(modes)('%s: a process with parked stacks', (mode) => {
  it.each([
    ['end', 0, 'exit 0 on 0\n'],
    ['exit on stack 0', 4, 'exit 4 on 0\n'],
    ['exit on a stack', 5, 'exit 5 on 22\n'],
  ])('%s', (how, status, stdout) => {
    expect(runFixture(mode, 'exit', [how])).toEqual({ status, signal: null, stdout, stderr: '' });
  });

  it('throw on a stack', () => {
    const ended = runFixture(mode, 'exit', ['throw on a stack']);
    expect(ended).toMatchObject({ status: 1, signal: null, stdout: 'exit 1 on 0\n' });
    expect(ended.stderr).toContain('Error: escaped');
  });
});

await testCases('terminating');
