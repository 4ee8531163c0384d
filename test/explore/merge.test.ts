import { describe, expect, test } from 'vitest';
import { countsOf, progressLine } from '../../runtime/cli/progress.js';
import type { Hashes } from '../../runtime/explore/census.js';
import { claimOf, type Extent, mergeExtents } from '../../runtime/explore/extent.js';
import { MergeError, mergeResults, readResult, type Result, type Subject, subjectOptions, writeResult } from '../../runtime/explore/merge.js';
import { readOptions } from '../../runtime/explore/options.js';
import { claimOfPart, type Found, type Part, partBefore, withEstimates } from '../../runtime/explore/part.js';

const { limits } = readOptions({}, {});
const subject: Subject = { version: '1.0.0', command: 'x.ts n=1', sources: 'abc', options: subjectOptions(limits) };

function extentOf(bounds: [changes: number, interrupts: number], proven: boolean, rest: Partial<Extent> = {}): Extent {
  const [changes, interrupts] = bounds;
  const within = { changes, interrupts, faults: 0 };
  return { proven: proven ? within : null, complete: false, bounds: within, left: 0, done: 1, passed: [], reduced: false, discarded: 0, contested: [], disputed: false, ...rest };
}

/** A schedule, a context and a lock state of its own, and a schedule and a context that every result has. */
function hashesOf(own: number): Hashes {
  return { schedules: Int32Array.of(own, 1, 77, 1), contexts: Int32Array.of(own, 3, 78, 3), lockStates: Int32Array.of(own, 5) };
}

function resultOf(index: number, of: number, part: Partial<Part> = {}, rest: Partial<Result> = {}): Result {
  const share = { index, of };
  return { subject, part: { ...partBefore({ ...limits, share }), schedules: 10, ...part }, hashes: hashesOf(index + 1), failure: null, ...rest };
}

const merge = (...results: Result[]): ReturnType<typeof mergeResults> => mergeResults(results.map((result, i) => ({ name: `${i}.json`, result })));

function foundOf(index: number, found: number): Found {
  return { message: `report ${index}`, headline: 'h', token: 't', found, strategy: 'pct', decisions: [], share: { index, of: 3 } };
}

describe('extents', () => {
  const passed = (changes: number, interrupts: number, schedules: number): Extent['passed'][number] => ({ changes, interrupts, faults: 0, schedules });

  test('prove no more than each of them, and count what lies within', () => {
    const merged = mergeExtents([
      extentOf([3, 1], true, { passed: [passed(0, 0, 1), passed(2, 1, 5), passed(3, 0, 7)] }),
      extentOf([2, 2], true, { passed: [passed(2, 1, 4), passed(1, 2, 9), passed(2, 3, 2)] }),
    ]);
    expect(merged.proven).toEqual({ changes: 2, interrupts: 1, faults: 0 });
    expect(claimOf(limits, 28, merged, null)).toBe('every schedule with at most 2 preemptions and 1 interrupt (10) passes, and so do 18 others');
  });

  test('one of which is not exhausted prove nothing, and say how far it is', () => {
    const merged = mergeExtents([
      extentOf([2, 1], false, { left: 30, done: 1 }),
      extentOf([4, 1], true, { left: 500, done: 7 }),
      extentOf([2, 1], false, { left: 12, done: 0 }),
    ]);
    expect(claimOf(limits, 99, merged, null)).toBe(
      '99 schedules pass, all of those with at most 0 preemptions, interrupts and failures together among them; with at most 2 preemptions and 1 interrupt there are at least 42 more',
    );
  });

  test('that have nothing left bound nothing', () => {
    const whole = extentOf([1, 1], true, { complete: true, passed: [passed(1, 1, 3), passed(0, 0, 1)] });
    expect(claimOf(limits, 8, mergeExtents([whole, { ...whole, bounds: { changes: 5, interrupts: 0, faults: 0 } }]), null)).toBe('every schedule there is (8) passes');
    const open = extentOf([3, 1], true, { passed: [passed(3, 1, 10)] });
    expect(claimOf(limits, 14, mergeExtents([whole, open]), null)).toBe('every schedule with at most 3 preemptions and 1 interrupt (14) passes');
  });

  test('that left out schedules for different reasons prove nothing', () => {
    const one = extentOf([2, 1], true, { reduced: true, contested: ['a.ts:x#0'], passed: [passed(0, 0, 1)] });
    const other = extentOf([2, 1], true, { reduced: true, contested: [], passed: [passed(1, 0, 4)] });
    expect(claimOf(limits, 5, mergeExtents([one, one]), null)).toBe('every schedule with at most 2 preemptions and 1 interrupt (2, up to steps that commute) passes, and so do 3 others');
    const merged = mergeExtents([one, other]);
    expect([merged.proven, merged.complete, merged.disputed]).toEqual([null, false, true]);
    expect(claimOf(limits, 5, merged, null)).toBe('5 schedules pass; what they leave out was seen by the shards in different ways: explore without reduction for a bound');
    // Where nothing was left out it does not matter.
    expect(mergeExtents([{ ...one, reduced: false }, { ...other, reduced: false }]).disputed).toBe(false);
  });

  test('do not depend on their order', () => {
    const all = [extentOf([3, 1], true), extentOf([2, 2], true, { complete: true }), extentOf([5, 0], true, { passed: [passed(1, 1, 1)] })];
    expect(mergeExtents([...all].reverse())).toEqual(mergeExtents(all));
  });
});

describe('results', () => {
  test('are written and read', () => {
    const result = resultOf(1, 3, {}, { failure: foundOf(1, 3) });
    expect(readResult('f', writeResult(result))).toEqual(result);
    const boxed = { ...subject, options: subjectOptions(readOptions({ milliseconds: 5 }, {}).limits) };
    expect(readResult('f', writeResult(resultOf(0, 1, {}, { subject: boxed }))).subject).toEqual(boxed);
  });

  test('are counted together, and what two have counts once', () => {
    const merged = merge(resultOf(2, 3), resultOf(0, 3), resultOf(1, 3, { steps: 4 }));
    expect(countsOf(merged.part, merged.census)).toBe('4 different schedules, 4 points of choice in 4 contexts and 3 lock states');
    expect(merged).toMatchObject({ failure: null, missing: [], part: { schedules: 30, steps: 4, share: { index: 0, of: 1 } } });
    expect(merged.claim).not.toContain('shard');
  });

  test('have an estimate of what is left, of those that have something left within the bounds', () => {
    const bounded = readOptions({ strategy: 'exhaustive' }, {}).limits;
    const part = (bounds: [number, number], proven: boolean, estimate: number | null): Partial<Part> => ({ extent: extentOf(bounds, proven, { left: 4 }), estimate });
    const wider = part([3, 1], true, 900);
    expect(merge(resultOf(0, 3, part([2, 1], false, 40)), resultOf(1, 3, wider), resultOf(2, 3, part([2, 1], false, 30))).part.estimate).toBe(70);
    expect(merge(resultOf(0, 2, part([2, 1], false, 40)), resultOf(1, 2, part([2, 1], false, null))).part.estimate).toBeNull();
    expect(merge(resultOf(0, 2, { extent: null }), resultOf(1, 2, { extent: null })).part.estimate).toBeNull();
    const { part: whole } = merge(resultOf(0, 2, part([2, 1], false, 40)), resultOf(1, 2, part([2, 1], false, 30)));
    expect(claimOfPart(bounded, whole)).toMatch(/; with at most 2 preemptions and 1 interrupt there are at least 8 more, by estimate 70$/);
  });

  test('of workers that were interrupted have one, too, where some have', () => {
    const part = (index: number, estimate: number | null, proven = false): Part => ({ ...resultOf(index, 4).part, extent: extentOf([2, 1], proven, { left: 4 }), estimate });
    const estimates = (...parts: Part[]): (number | null)[] => withEstimates(parts).map(({ estimate }) => estimate);
    expect(estimates(part(0, 40), part(1, null), part(2, 25))).toEqual([40, 33, 25]);
    // One that is at wider bounds says nothing of these.
    expect(estimates(part(0, 40), part(1, 900, true), part(2, null))).toEqual([40, 900, 40]);
    expect(estimates(part(0, null), part(1, null))).toEqual([null, null]);
    expect(estimates({ ...part(0, null), extent: null }, { ...part(1, null), extent: null })).toEqual([null, null]);
  });

  test('that are missing are named', () => {
    const { claim, missing, part } = merge(resultOf(1, 4, { exhausted: true }), resultOf(3, 4, { exhausted: true }));
    expect(missing).toEqual(['1/4', '3/4']);
    expect(claim).toMatch(/, as far as shard 2\/4, 4\/4 goes$/);
    expect(part.exhausted).toBe(false);
  });

  test('have the failure that comes first', () => {
    const failing = (index: number, found: number): Result => resultOf(index, 3, {}, { failure: foundOf(index, found) });
    expect(merge(failing(2, 9), failing(1, 9), failing(0, 12)).failure?.message).toBe('report 1');
  });

  const other = (change: Partial<Subject>): Result => resultOf(1, 2, {}, { subject: { ...subject, ...change } });
  test.each([
    [resultOf(0, 2), '0.json and 1.json are both shard 1/2'],
    [resultOf(1, 4), '0.json is shard 1/2 and 1.json is shard 2/4: they overlap'],
    [other({ version: '1.0.1' }), 'of different explorations: by ringzero 1.0.0 and 1.0.1'],
    [other({ command: 'x.ts n=2' }), 'of different explorations: of x.ts n=1 and of x.ts n=2'],
    [other({ sources: 'abd' }), 'of different explorations: the modules have changed in between'],
    [other({ options: { ...subject.options, seed: 1 } }), 'of different explorations: with seed 0 and 1'],
    [other({ options: { ...subject.options, milliseconds: 9 } }), 'of different explorations: with milliseconds unlimited and 9'],
  ])('that do not belong together are refused (%#)', (second, message) => {
    expect(() => merge(resultOf(0, 2), second)).toThrow(MergeError);
    expect(() => merge(resultOf(0, 2), second)).toThrow(message);
  });

  test('of none there is nothing to say', () => {
    expect(() => merge()).toThrow('there are no results to merge');
  });

  const text = writeResult(resultOf(0, 2));
  test.each([
    ['', 'not a result'],
    [text.slice(0, -20), 'not a result'],
    ['null', 'not a result'],
    ['{"format":1}', 'that this version can read'],
    [text.replace('"schedules":10', '"schedules":11'), 'is damaged'],
  ])('that are none are refused: %.20j', (content, message) => {
    expect(() => readResult('some.json', content)).toThrow(MergeError);
    expect(() => readResult('some.json', content)).toThrow(message);
  });
});

describe('the line of progress', () => {
  const line = (options: Parameters<typeof readOptions>[0], part: Partial<Part>, elapsed_ms: number): string => {
    const told = readOptions(options, {}).limits;
    return progressLine(told, { ...partBefore(told), ...part }, 90, elapsed_ms);
  };

  test.each([
    [{}, { schedules: 1000 }, 2000, '1000 schedules, 90 different, 500 a second, 18 s left'],
    [{ shard: '2/2' }, { schedules: 1000 }, 2000, '1000 schedules, 90 different, 500 a second, 8 s left'],
    [{ milliseconds: 5000 }, { schedules: 1000 }, 2000, '1000 schedules, 90 different, 500 a second, 3 s left'],
    [{ milliseconds: 5000 }, { schedules: 1000 }, 6000, '1000 schedules, 90 different, 167 a second, 0 s left'],
    [{ strategy: 'exhaustive' }, { schedules: 1000, left: 2000 }, 1000, '1000 schedules, 90 different, 1000 a second, at least 2 s left'],
    [{ strategy: 'exhaustive' }, { schedules: 1000, left: 50_000 }, 1000, '1000 schedules, 90 different, 1000 a second, 9 s left'],
    [{ schedules: 1_000_000 }, { schedules: 1000 }, 1000, '1000 schedules, 90 different, 1000 a second, 17 min left'],
    [{ schedules: 100_000_000 }, { schedules: 1000 }, 1000, '1000 schedules, 90 different, 1000 a second, 28 h left'],
    [{}, {}, 0, '0 schedules, 90 different, 0 a second'],
    [{ milliseconds: 5000 }, {}, 1000, '0 schedules, 90 different, 0 a second, 4 s left'],
  ] as const)('%j %j after %i ms', (options, part, elapsed_ms, text) => {
    expect(line(options, part, elapsed_ms)).toBe(text);
  });
});
