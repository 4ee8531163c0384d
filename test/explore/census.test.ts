/** What is counted has the same hash in every thread and on every machine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Census, type Hashes } from '../../runtime/explore/census.js';
import { Explorer } from '../../runtime/explore/explore.js';
import { readOptions } from '../../runtime/explore/options.js';

/** With a function that calls another: the way that led to a place is a part of its context. */
const SOURCE = `
import { kthread_run } from 'ringzero/linux/kthread';
import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
const lock = DEFINE_SPINLOCK('lock');
let x = 0;
function bump(): void {
  spin_lock(lock);
  x++;
  spin_unlock(lock);
}
function work(): number {
  bump();
  return 0;
}
module_init(() => {
  kthread_run(work, null, 'a');
  kthread_run(work, null, 'b');
  return 0;
});
module_exit(() => undefined);
MODULE_LICENSE('GPL');
`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** In a folder of its own: places and calls have other numbers, as they may have in another thread. */
function written(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringzero-'));
  folders.push(folder);
  writeFileSync(join(folder, 'work.ts'), SOURCE);
  return join(folder, 'work.ts');
}

function exploreIn(path: string, census: Census): void {
  const explorer = new Explorer(readOptions({ strategy: 'exhaustive', keep: false }, {}), (machine) => {
    machine.insmod(path);
    machine.settle();
    machine.rmmod('work');
  }, { hint: (token) => token, arm: '', tasks: '' }, census);
  while (explorer.step());
}

const pairs = (words: Int32Array): string[] => Array.from({ length: words.length / 2 }, (_, i) => `${words[2 * i]!} ${words[2 * i + 1]!}`).sort();

test('wherever the module lies, and whatever else was loaded', () => {
  const [one, two] = [new Census(false), new Census(true)];
  exploreIn(written(), one);
  exploreIn(written(), two);
  const [a, b]: Hashes[] = [one.hashes, two.takeNews()];
  for (const set of ['schedules', 'contexts', 'lockStates'] as const) {
    expect(pairs(a![set])).toHaveLength(one[set].size);
    expect(pairs(a![set]).length).toBeGreaterThan(1);
    expect(pairs(b![set])).toEqual(pairs(a![set]));
  }
});

test('news are told once', () => {
  const census = new Census(true);
  census.contexts.addHash(1, 1);
  census.contexts.addHash(1, 1);
  expect(census.takeNews()).toEqual({ schedules: new Int32Array(), contexts: Int32Array.of(1, 1), lockStates: new Int32Array() });
  census.contexts.addHash(1, 1);
  census.contexts.addHash(2, 1);
  expect(census.takeNews().contexts).toEqual(Int32Array.of(2, 1));
  const other = new Census(false);
  other.add(census.hashes);
  other.add(census.hashes);
  expect(other.contexts.size).toBe(2);
});
