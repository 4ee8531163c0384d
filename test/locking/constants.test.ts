import { expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { FRAME, SITE } from '../../kernel/arch/callstack.js';
import { HELD_WORDS, PF_IDLE } from '../../kernel/arch/task.js';
import { __GFP_DIRECT_RECLAIM } from '../../kernel/include/linux/gfp.js';
import { PREEMPT_MASK } from '../../kernel/include/linux/preempt.js';
import * as types from '../../kernel/locking/spinlock_types.js';
import { PAGE_OFFSET } from '../../kernel/mm/layout.js';

/** The fast paths keep constants of their own, which the engine folds: they must be those of everybody else. */
const shared: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.entries(types).filter((entry): entry is [string, number] => typeof entry[1] === 'number')),
  FRAME, SITE, HELD_WORDS, PF_IDLE, __GFP_DIRECT_RECLAIM, PREEMPT_MASK, PAGE_OFFSET, SIZE: types.spinlock_t.size,
};

it.each(['locking/raw_spinlock', 'locking/held_locks', 'locking/lock_context', 'include/linux/irqflags', 'include/linux/preempt', 'sched/might_sleep'])('%s.ts agrees with the rest', (file) => {
  const source = readFileSync(new URL(`../../kernel/${file}.ts`, import.meta.url), 'utf8');
  let compared = 0;
  for (const [, name, value] of source.matchAll(/^const (\w+) = (-?\w+)(?: \| 0)?;$/gm)) {
    const expected = shared[name ?? ''];
    if (expected === undefined) continue;
    expect([name, Number(value) | 0]).toEqual([name, expected]);
    compared++;
  }
  expect(compared).toBeGreaterThan(1);
});
