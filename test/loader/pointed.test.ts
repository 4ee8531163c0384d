/** The kernel's functions that begin with a preemption point are those whose source says so. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { headers } from '../../kernel/include/headers.js';
import { POINTED } from '../../runtime/loader/pointed.js';

/** First statements of the functions of each name, over all files of the kernel; what is no function has none. */
function firstStatements(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (name: string, statement: string): void => {
    found.set(name, [...(found.get(name) ?? []), statement]);
  };
  for (const file of readdirSync('kernel', { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(`kernel/${file}`, 'utf8');
    for (const [, name, , statement] of text.matchAll(/^export function (\w+)(?=[<(])(.*)\{\n +(.*)\n/gm)) add(name!, statement!);
    for (const [, name] of text.matchAll(/^export (?:const|let|(?:abstract )?class) (\w+)/gm)) add(name!, '');
  }
  return found;
}

/** A call whose arguments compute nothing that anybody could change. */
const CALL = /^(?:return |const \w+ = )?(\w+)\([\w ,|.]*\)(?: as [^;]*)?;$/;

test('a function is listed where its first statement is a point, or a call of one that is', () => {
  const all = [...firstStatements()];
  const pointed = new Set<string>();
  for (let size = -1; size !== pointed.size; ) {
    size = pointed.size;
    for (const [name, statements] of all) {
      if (statements.every((one) => one === 'point();' || pointed.has(CALL.exec(one)?.[1] ?? ''))) pointed.add(name);
    }
  }
  const functions = new Set(Object.values(headers).flatMap((header) => Object.entries(header).filter(([, value]) => typeof value === 'function').map(([name]) => name)));
  expect([...POINTED]).toEqual([...pointed].filter((name) => functions.has(name)).sort());
});
