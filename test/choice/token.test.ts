import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LogEntry, PREEMPTION } from '../../runtime/choice/log.js';
import { decodeToken, encodeToken, ReplayError } from '../../runtime/choice/token.js';

const entry: fc.Arbitrary<LogEntry> = fc
  .record({ kind: fc.nat(PREEMPTION), distance: fc.nat(2 ** 40), ways: fc.integer({ min: 2, max: 300 }), way: fc.nat(1), check: fc.nat(255) });
const token = fc.record({ machine: fc.integer(), seed: fc.integer(), clockless: fc.boolean(), faults: fc.boolean(), modules: fc.array(fc.integer(), { maxLength: 3 }), beyond: fc.oneof(fc.constant(Infinity), fc.nat(2 ** 40)), entries: fc.array(entry, { maxLength: 50 }) });

describe('replay tokens', () => {
  test('say what was put into them', () => {
    fc.assert(fc.property(token, (value) => {
      expect(decodeToken(encodeToken(value))).toEqual(value);
    }));
  });

  test('are refused when a character is changed, dropped or doubled', () => {
    fc.assert(fc.property(token, fc.nat(), fc.constantFrom('change', 'drop', 'double'), (value, where, how) => {
      const text = encodeToken(value);
      const at = 4 + (where % (text.length - 5));
      const char = text[at]!;
      const other = char === 'A' ? 'B' : 'A';
      const broken = text.slice(0, at) + { change: other, drop: '', double: char + char }[how] + text.slice(at + 1);
      expect(() => decodeToken(broken)).toThrow(ReplayError);
    }));
  });

  test.each([
    ['', /does not look like one/],
    ['hello', /does not look like one/],
    // Its picks were counted without those of rz2.
    ['rz1.7cS1_wEATT24Fg', /version rz1, and this one reads rz2/],
    ['rz2', /damaged/],
    ['rz2.', /damaged/],
    ['rz2.????', /damaged/],
  ])('%j is refused: %s', (text, message) => {
    expect(() => decodeToken(text)).toThrow(message);
  });
});
