/** The kernel's functions that begin with a preemption point are those whose source says so. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { headers } from '../../kernel/include/headers.js';
import { ASIDE, POINTED } from '../../runtime/loader/pointed.js';

/** Folders, and files, whose functions touch what belongs to them, and no data of a module's. */
const NO_DATA = /^(?:locking|sched|irq|time|workqueue)\/|^lib\/(?:atomic|atomic_bitops|refcount)\.ts$/;

/** First statements of the functions of each name, over all files of the kernel; what is no function has none. */
function firstStatements(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (name: string, statement: string): void => {
    found.set(name, [...(found.get(name) ?? []), statement]);
  };
  for (const file of readdirSync('kernel', { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const text = read(file);
    for (const [, name, , statement] of text.matchAll(/^export function (\w+)(?=[<(])(.*)\{\n +(.*)\n/gm)) add(name!, statement!);
    for (const [, name] of text.matchAll(/^export (?:const|let|(?:abstract )?class) (\w+)/gm)) add(name!, '');
  }
  return found;
}

const read = (file: string): string => readFileSync(`kernel/${file}`, 'utf8');

/** Whose accesses are steps of their own, or of memory that is nobody's yet. */
const OF_THEIR_OWN = ['kfree', 'kmalloc', 'kzalloc'];

/** A call whose arguments compute nothing that anybody could change. */
const CALL = /^(?:return |const \w+ = )?(\w+)\([\w ,|.]*\)(?: as [^;]*)?;$/;

test('a function is listed where its first statement is a point, or a call of one that is', () => {
  const all = [...firstStatements()];
  const pointed = new Set<string>();
  for (let size = -1; size !== pointed.size; ) {
    size = pointed.size;
    for (const [name, statements] of all) {
      if (statements.every((one) => /^(?:access_|lock_)?point\(/.test(one) || pointed.has(CALL.exec(one)?.[1] ?? ''))) pointed.add(name);
    }
  }
  const functions = new Set(Object.values(headers).flatMap((header) => Object.entries(header).filter(([, value]) => typeof value === 'function').map(([name]) => name)));
  expect([...POINTED]).toEqual([...pointed].filter((name) => functions.has(name)).sort());
});

test('one is aside where it stands in a file whose functions touch no data', () => {
  const names = new Set<string>(OF_THEIR_OWN);
  for (const file of readdirSync('kernel', { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.ts') && NO_DATA.test(file)) for (const [, name] of read(file).matchAll(/^export function (\w+)(?=[<(])/gm)) names.add(name!);
  }
  expect([...ASIDE]).toEqual([...POINTED].filter((name) => names.has(name)));
});
