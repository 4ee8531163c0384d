import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ringzero } from './program.js';

const folder = mkdtempSync(join(tmpdir(), 'ringzero-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const PANIC = 'BUG: sleeping function called from invalid context';

test('of the README: echo, panic with the user\'s line, code 0', async () => {
  const { code, out, err } = await ringzero(['tour']);
  expect(err).toBe('');
  expect(code).toBe(0);
  expect(out).toMatch(/(\d+) bytes, \1 interrupts, identical: yes/);
  expect(out).toContain('| # ringzero');
  expect(out).toContain(PANIC);
  expect(out).toContain('const node = kmalloc(sizeof(serial_byte), GFP_KERNEL);');
  expect(out).toMatch(/ 4: +\d+ .* serial\n/);
});

test.each([
  ['UTF-8', 'Grüße, 世界 👋\nsecond line\n'],
  ['no newline at its end', 'one\ntwo'],
  ['a single byte', 'x'],
  ['every byte there is', Uint8Array.from({ length: 256 }, (_, i) => i)],
])('of a file with %s', async (name, content) => {
  const bytes = Buffer.from(content as string);
  const { code, out, err } = await ringzero(['tour', file(`${name}.txt`, content)]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(`${bytes.length} byte${bytes.length === 1 ? '' : 's'}, ${bytes.length} interrupt${bytes.length === 1 ? '' : 's'}, identical: yes`);
  // What a terminal would obey is not sent to it.
  expect(out).not.toMatch(/[\0-\x09\x0b-\x1f\x7f]/);
});

test('shows the text as it is', async () => {
  const { out } = await ringzero(['tour', file('text', 'Grüße, 世界 👋\n')]);
  expect(out).toContain('     | Grüße, 世界 👋\n');
});

test('of 64 KiB', async () => {
  const bytes = Uint8Array.from({ length: 65536 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
  const { code, out, err } = await ringzero(['tour', file('large', bytes)]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('65536 bytes, 65536 interrupts, identical: yes');
});

test('of an empty file: nothing happens, and that is said', async () => {
  const { code, out } = await ringzero(['tour', file('empty', '')]);
  expect(code).toBe(0);
  expect(out).toContain('0 bytes, 0 interrupts, identical: yes');
  expect(out).not.toContain(PANIC);
});

test('of standard input', async () => {
  const { code, out } = await ringzero(['tour', '-'], { input: 'from a pipe\n' });
  expect(code).toBe(0);
  expect(out).toContain('| from a pipe');
  expect(out).toContain('--input - --replay');
});
