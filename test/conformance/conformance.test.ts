/** The referee: every ported scenario against what the real kernel said. README.md says how agreement is counted. */
import { afterAll, describe, expect, test } from 'vitest';
import { differences } from './compare.js';
import { exceptions, isPorted, pending, type Verdict, verdicts } from './verdicts.js';

const agreed = new Map<string, number>();
const families = [...new Set(verdicts.map(({ family }) => family))];
const of = (family: string): readonly Verdict[] => verdicts.filter((verdict) => verdict.family === family);

describe.each(families)('%s', (family) => {
  for (const verdict of of(family)) {
    const { name, what } = verdict;
    const reason = exceptions.get(name);
    const part = pending.get(name);
    if (!isPorted(verdict)) {
      test.skip(`${name}: waits for ${part ?? 'somebody to port it'}`);
    } else if (part !== undefined) {
      test.fails(`${name}: waits for ${part}`, () => {
        expect(differences(verdict)).toEqual([]);
      });
    } else if (reason !== undefined) {
      test(`${name}: differs on purpose: ${reason}`, () => {
        expect(differences(verdict)).not.toEqual([]);
      });
    } else {
      test(`${name}: ${what}`, () => {
        expect(differences(verdict)).toEqual([]);
        agreed.set(family, (agreed.get(family) ?? 0) + 1);
      });
    }
  }
});

test('every scenario is ported, or said to be waiting', () => {
  expect(verdicts.filter((verdict) => !isPorted(verdict) && !pending.has(verdict.name)).map(({ name }) => name)).toEqual([]);
});

test('what is said of a scenario is said of one that exists', () => {
  const names = new Set(verdicts.map(({ name }) => name));
  expect([...exceptions.keys(), ...pending.keys()].filter((name) => !names.has(name))).toEqual([]);
});

afterAll(() => {
  const lines = families.map((family) => {
    const all = of(family);
    const ported = all.filter((verdict) => isPorted(verdict)).length;
    const different = all.filter(({ name }) => exceptions.has(name)).length;
    const waiting = all.filter(({ name }) => pending.has(name)).length;
    const n = (count: number): string => String(count).padStart(3);
    return `  ${family.padEnd(14)}${n(agreed.get(family) ?? 0)} agree,${n(different)} differ on purpose,${n(waiting)} wait; ported ${ported} of ${all.length}`;
  });
  process.stdout.write(`\nAgreement with the real kernel\n${lines.join('\n')}\n`);
});
