import { expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { FRAME, SITE } from '../../kernel/arch/callstack.js';
import { HELD_WORDS } from '../../kernel/arch/task.js';
import { PREEMPT_MASK } from '../../kernel/include/linux/preempt.js';
import * as types from '../../kernel/locking/spinlock_types.js';
import { PAGE_OFFSET } from '../../kernel/mm/layout.js';

/** The fast paths keep constants of their own, which the engine folds: they must be those of everybody else. */
const shared: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.entries(types).filter((entry): entry is [string, number] => typeof entry[1] === 'number')),
  FRAME, SITE, HELD_WORDS, PREEMPT_MASK, PAGE_OFFSET, SIZE: types.spinlock_t.size,
};

it.each(['raw_spinlock', 'held_locks', 'lock_context'])('%s.ts agrees with the rest', (file) => {
  const source = readFileSync(new URL(`../../kernel/locking/${file}.ts`, import.meta.url), 'utf8');
  let compared = 0;
  for (const [, name, value] of source.matchAll(/^const (\w+) = (-?\w+)(?: \| 0)?;$/gm)) {
    const expected = shared[name ?? ''];
    if (expected === undefined) continue;
    expect([name, Number(value) | 0]).toEqual([name, expected]);
    compared++;
  }
  expect(compared).toBeGreaterThan(2);
});
