/** What the loader makes of a statement: whether it is plain, and which variables it touches. */
import { describe, expect, test } from 'vitest';
import { headers } from '../../kernel/include/headers.js';
import { effectsOfPart } from '../../runtime/loader/effects.js';
import { Headers } from '../../runtime/loader/headers.js';
import { link } from '../../runtime/loader/link.js';
import { SourceFile } from '../../runtime/loader/parse.js';
import { variable_name } from '../../kernel/arch/effects.js';

const HEAD = `
import { jiffies } from 'ringzero/linux/jiffies';
import { GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { DEFINE_SPINLOCK, spin_lock, spin_unlock } from 'ringzero/linux/spinlock';
import { in_interrupt } from 'ringzero/linux/preempt';
import { atomic_inc } from 'ringzero/linux/atomic';
import { int, module_param } from 'ringzero/linux/module';
import { sizeof, struct, u32 } from 'ringzero/linux/types';
const lock = DEFINE_SPINLOCK('lock');
const cell = struct('cell', { count: u32 });
const list = [];
const limit = module_param('limit', int, 3);
const lent = module_param('lent', int, 3);
list.push(lent);
const LIMIT = 4;
let shared = 0;
let other = 0;
let once = 1;
let late = 0;
export let given = 0;
function set(v) { shared = v; other = v; late = in_interrupt(); given = v; }
function twice(v) { return v * 2; }
function nothing() {}
function odd(v = late) { return v; }
function deep() { { class A { static a = list.push(1); } } }
`;

/** Effects of the statements of a function with this body, in the order of the text, as `plain reads > writes`. */
function effects(body: string): string[] {
  const text = `${HEAD}\nexport function f(p, q) {\nlet own = p;\n${body}\n}\n`;
  const { parts } = link(new SourceFile('/m.ts', text), new Headers(headers));
  const from = text.indexOf('let own') + 'let own = p;'.length;
  const names = (numbers: readonly number[]): string => numbers.map((number) => /:([\w.]+)#/.exec(variable_name(number))![1]).join(',');
  return [...effectsOfPart(parts[0]!)]
    .filter(([node]) => node.start >= from)
    .sort(([a], [b]) => a.start - b.start)
    .map(([, { plain, reads, writes }]) => `${plain ? 'plain' : 'not'} ${names(reads)}>${names(writes)}`);
}

/** What is said of the points within the statements, and of what is behind them. */
function insides(body: string): string[] {
  const text = `${HEAD}\nexport function f(p, q) {\nlet own = p;\n${body}\n}\n`;
  const { parts } = link(new SourceFile('/m.ts', text), new Headers(headers));
  const from = text.indexOf('let own') + 'let own = p;'.length;
  return [...effectsOfPart(parts[0]!)]
    .filter(([node]) => node.start >= from)
    .sort(([a], [b]) => a.start - b.start)
    .map(([, { closed, ends, calls, plainAllAlong }]) => [closed && 'closed', ends && 'ends', calls && 'calls', plainAllAlong && 'all along'].filter(Boolean).join(' '));
}

/** Of the first statement: what it touches behind points within it. */
function behindOf(statement: string): string {
  const text = `${HEAD}\nexport function f(p, q) {\nlet own = p;\n${statement}\nown = 0;\n}\n`;
  const { parts } = link(new SourceFile('/m.ts', text), new Headers(headers));
  const from = text.indexOf('let own') + 'let own = p;'.length;
  const names = (numbers: readonly number[]): string => numbers.map((number) => /:([\w.]+)#/.exec(variable_name(number))![1]).join(',');
  const [first] = [...effectsOfPart(parts[0]!)].filter(([node]) => node.start >= from).sort(([a], [b]) => a.start - b.start);
  const { behindReads, behindWrites, loud } = first![1];
  return `${names(behindReads)}>${names(behindWrites)}${loud ? ', loud' : ''}`;
}

/** Of the first statement, with another one behind it. */
const of = (statement: string): string | undefined => effects(`${statement}\nown = 0;\nreturn own;`)[0];

describe('a plain statement', () => {
  test.each([
    ['own = p + 1;', '>'],
    ['const a = LIMIT + p;', '>'],
    ['const a = once;', '>'],
    ['const a = () => shared;', '>'],
    ['shared = own;', '>shared'],
    ['shared++;', 'shared>'],
    ['shared += other;', 'shared>'],
    ['if (shared > 1) own = 1; else own = 2;', 'shared>'],
    ['while (shared < LIMIT) own++;', 'shared>'],
    ['for (let i = 0; i < other; i++) own++;', 'other>'],
    ['spin_lock(lock);', '>'],
    ['const a = kmalloc(shared, GFP_KERNEL);', 'shared>'],
    ['own = twice(other);', 'other>'],
    ['own = cell.at(p).count;', '>'],
    ['cell.at(p).count = 1;', '>'],
    ['shared = own as number;', '>shared'],
    ['if (limit.value > own) own = 1;', 'limit.value>'],
    ['limit.value += 1;', 'limit.value>'],
    ['limit.value++;', 'limit.value>'],
  ])('%s', (statement, touches) => {
    expect(of(statement)).toBe(`plain ${touches}`);
  });

  test('at the end of a function, where a point is certain', () => {
    expect(effects('return kmalloc(own, GFP_KERNEL);')).toEqual(['plain >']);
    expect(effects('own = 1;')).toEqual(['not >']);
    expect(effects('return own;')).toEqual(['not >']);
    expect(effects('if (own) kfree(p);')).toEqual(['not >', 'plain >']);
    expect(effects('if (own) own = 1;\nkfree(p);')).toEqual(['plain >', 'plain >', 'plain >']);
  });

  test('at the end of a loop, which has a point of its own, but not of one over a list', () => {
    expect(effects('while (own) own--;\nkfree(p);')).toEqual(['plain >', 'plain >', 'plain >']);
    expect(effects('for (const a of q) own--;\nkfree(p);')).toEqual(['not >', 'not >', 'plain >']);
  });
});

describe('a statement that is not plain', () => {
  test.each([
    ['own = jiffies;'],
    ['own = in_interrupt();'],
    ['own = list[0];'],
    ['list.push(own);'],
    ['own = `${p}`;'],
    ['own = p.q;'],
    ['p.q = own;'],
    ['own = q(1);'],
    ['own = odd(1);'],
    ['deep();'],
    ['own = new Map();'],
    ['const { a } = p;'],
    ['given = 1;'],
    ['late = twice(own);'],
    ['throw own;'],
    ['own = lent.value;'],
    ['own = limit.other;'],
    ['switch (own) { default: }'],
    ['own = Math.max(p, 1);'],
  ])('%s', (statement) => {
    expect(of(statement)).toMatch(/^not/);
  });

  test('touches its variables all the same', () => {
    expect(of('shared = jiffies;')).toBe('not >');
    expect(behindOf('shared = jiffies;')).toBe('>shared');
    expect(of('p.q(shared);')).toBe('not >');
    expect(of('in_interrupt(shared);')).toBe('not shared>');
  });

  test('that is followed by what has no point', () => {
    expect(effects('own = 1;\nclass A { static a = own; }\nkfree(p);')[0]).toBe('not >');
    expect(effects('own = 1;\nfunction a() {}\nkfree(p);')[0]).toBe('plain >');
    expect(effects('own = 1;\ntry { } finally { kfree(p); }')[0]).toBe('plain >');
    expect(effects('own = 1;\n{ }\n')[0]).toBe('not >');
  });
});

/** Of the first statement: whether it is plain between its accesses, too, and whether it may access memory in other ways. */
function memoryOf(statement: string): string {
  const text = `${HEAD}\nimport { pr_info } from 'ringzero/linux/printk';\nimport { memset } from 'ringzero/linux/string';\nexport function f(p, q) {\n${statement}\nkfree(p);\n}\n`;
  const { parts } = link(new SourceFile('/m.ts', text), new Headers(headers));
  const from = text.indexOf('export function f') + 'export function f(p, q) {'.length;
  const [first] = [...effectsOfPart(parts[0]!)].filter(([node]) => node.start > from).sort(([a], [b]) => a.start - b.start);
  const { plainAllAlong, wild } = first![1];
  return `${plainAllAlong ? 'all along' : 'no'}${wild ? ', wild' : ''}`;
}

describe('accesses to memory', () => {
  test.each([
    ['cell.at(p).count += 1;', 'all along'],
    ['if (cell.at(p).count > 1) q = 2;', 'all along'],
    ['const here = cell.at(p);', 'all along'],
    ['kfree(cell.at(p).count);', 'no'],
    ['spin_lock(lock);', 'no'],
    ['const a = kmalloc(sizeof(cell), GFP_KERNEL);', 'no'],
    ['pr_info(\'%d\', cell.at(p).count);', 'no'],
    ['pr_info(\'%s\', p);', 'no, wild'],
    ['pr_info(q);', 'no, wild'],
    ['memset(p, 0, 4);', 'no, wild'],
    ['q(p);', 'no, wild'],
    ['p.q();', 'no, wild'],
    ['p.q = 1;', 'no'],
    ['shared = cell.at(p).count;', 'no'],
  ])('%s', (statement, what) => {
    expect(memoryOf(statement)).toBe(what);
  });
});

describe('a variable', () => {
  test('is touched behind a call that comes before it', () => {
    expect(effects('shared = kmalloc(1, GFP_KERNEL);\nshared = 1;\nkfree(p);')).toEqual(['plain >', 'plain >shared', 'plain >']);
    expect(behindOf('shared = kmalloc(1, GFP_KERNEL);')).toBe('>shared');
    expect(behindOf('shared += cell.at(p).count;')).toBe('>shared');
    expect(behindOf('own = cell.at(p).count + other;')).toBe('other>');
    expect(behindOf('own = other + cell.at(p).count;')).toBe('>');
    // Behind these other locks may be held, and others may run.
    expect(behindOf('shared = spin_lock(lock);')).toBe('>shared, loud');
    expect(behindOf('shared = twice(1);')).toBe('>shared, loud');
    expect(behindOf('shared = list.pop();')).toBe('>shared, loud');
    expect(behindOf('shared = p ? kfree(p) : 1;')).toBe('>shared, loud');
  });

  test('is anybody\'s where a default value or a field uses it', () => {
    expect(of('late = 1;')).toBe('not >');
  });

  test('that is a function\'s own counts where a function inside it uses it', () => {
    expect(effects('let mine = 0;\nconst g = () => { mine = 1; kfree(p); };\nmine = 2;\nkfree(p);')).toContain('plain >mine');
  });
});

describe('a statement that reads and writes', () => {
  test.each([
    ['shared++;', '>shared'],
    ['own = ++shared;', '>shared'],
    ['shared += other;', 'other>shared'],
    ['shared = shared + 1;', '>shared'],
    ['shared ||= other;', 'other>shared'],
    ['shared = shared > 3 ? 0 : other;', 'other>shared'],
    ['shared || (shared = 1);', '>shared'],
    ['own = shared, shared = own;', '>shared'],
    ['limit.value++;', '>limit.value'],
    // One that writes only, or reads only, is one step.
    ['shared = own;', '>'],
    ['own = shared + other;', '>'],
  ])('%s', (statement, touches) => {
    expect(behindOf(statement)).toBe(touches);
  });

  test('has read at its first step, and nothing else, unless the point may be passed by', () => {
    const atOnce = (statement: string): boolean => {
      const { parts } = link(new SourceFile('/m.ts', `${HEAD}\nexport function f(p, q) {\nlet own = p;\n${statement}\nkfree(p);\n}\n`), new Headers(headers));
      const [, last] = [...effectsOfPart(parts[0]!)].sort(([a], [b]) => b.start - a.start);
      return last![1].behindAtOnce;
    };
    expect(atOnce('shared++;')).toBe(false);
    expect(atOnce('shared || (other = 1);')).toBe(false);
    expect(atOnce('shared = cell.at(p).count;')).toBe(false);
    expect(atOnce('own = (p ? kfree(q) : 0) + shared;')).toBe(true);
  });
});

describe('the points within a statement', () => {
  test.each([
    ['own = 1; own = 2;', ['closed all along', 'ends']],
    ['own = 1; return own;', ['closed all along', 'ends']],
    ['spin_lock(lock); return;', ['closed calls', 'ends']],
    ['own = 1; spin_lock(lock);', ['closed all along', 'ends calls']],
    ['atomic_inc(p); return;', ['closed all along', 'ends']],
    ['cell.at(p).count = 1; return;', ['closed all along', 'ends']],
    ['nothing(); return;', ['closed all along', 'ends']],
    ['list.push(1); return;', ['calls', 'ends']],
    ['return list.length;', ['']],
    ['if (own > 1) return; own = 2;', ['closed all along', 'ends', 'ends']],
    ['if (own > 1) own = 2;', ['ends', 'ends']],
    ['while (own > 1) own--;', ['ends', 'closed all along']],
    ['for (const a of list) return;', ['', '']],
    ['for (;;) { own++; break; }', ['ends', 'closed all along', '']],
    ['try { own = 1; } finally { own = 2; }', ['closed all along', '']],
    ['try { return own; } catch { own = 1; }', ['ends', 'ends']],
    ['try { return own; } finally { own = 2; }', ['', '']],
  ])('%s', (body, expected) => {
    expect(insides(body)).toEqual(expected);
  });
});
