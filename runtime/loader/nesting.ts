/**
 * How deep a source text is nested. A parser calls itself for each level, as do the walks of the tree: past some
 * thousands of levels the native one ends the process. So a text is looked at first, a token at a time, and its tree
 * is measured before anybody walks it.
 */
import { visitorKeys, type Node } from 'oxc-parser';

/** Brackets that may be open at a time. */
const BRACKETS_MAX = 500;
/** Operators, prefixes and calls that may follow each other before a statement ends, those of the open brackets together. */
const CHAIN_MAX = 2000;
/** Levels that a tree may have. */
const LEVELS_MAX = 500;

const TOKEN = /(?<space>[^\S\n]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<line>\n)|(?<word>[\p{ID_Start}$_#@\\][\p{ID_Continue}$\u200c\u200d\\]*)|(?<number>\.?\d[\w.]*)|(?<string>'(?:[^'\\\n]|\\[\s\S])*'?|"(?:[^"\\\n]|\\[\s\S])*"?)|(?<operator>\?\.|[^\s\w()[\]{}`;,](?:(?<=[*+&|?=<>-])[*+&|?=>-])*)|(?<other>[\s\S])/uy;
const REGEX = /\/(?:[^/\\\n[]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/\w*/y;
const TEMPLATE = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?<end>`|\$\{)?/y;

/** Words that have something nested behind them. */
const PREFIXES = new Set(['else', 'if', 'for', 'while', 'with', 'do', 'typeof', 'void', 'delete', 'new', 'await', 'yield', 'keyof', 'unique', 'readonly', 'infer', 'in', 'of', 'instanceof', 'as', 'satisfies', 'extends', 'is', 'asserts', 'return', 'case', 'throw']);
/** Those that go on with what stands before them. */
const CONTINUES = new Set(['else', 'in', 'of', 'instanceof', 'as', 'satisfies', 'extends', 'is', 'catch', 'finally', 'while']);
const HEADERS = new Set(['if', 'for', 'while', 'with']);

interface Level {
  /** What has followed each other since the last statement's end. */
  chain: number;
  /** It is the `(...)` of an if, for, while or with: a statement follows. */
  readonly header: boolean;
  readonly template: boolean;
}

/** Where a text is nested too deep to be parsed, as an offset; -1 where it is not. */
export function tooDeep(text: string): number {
  const levels: Level[] = [{ chain: 0, header: false, template: false }];
  let chained = 0;
  /** The last token: what could go on behind it, and what it was. */
  let ended = false;
  let last = '';
  let newline = false;

  const link = (): void => {
    levels.at(-1)!.chain++;
    chained++;
  };
  const cut = (): void => {
    const level = levels.at(-1)!;
    chained -= level.chain;
    level.chain = 0;
  };
  /** Reads a template on from `at`, to its end or its next expression. */
  const template = (at: number): number => {
    TEMPLATE.lastIndex = at;
    const match = TEMPLATE.exec(text)!;
    if (match.groups!['end'] === '${') levels.push({ chain: 0, header: false, template: true });
    ended = match.groups!['end'] !== '${';
    last = '`';
    return TEMPLATE.lastIndex;
  };

  for (let at = 0; at < text.length; ) {
    if (levels.length > BRACKETS_MAX || chained > CHAIN_MAX) return at;
    if (text[at] === '/' && !ended && text[at + 1] !== '/' && text[at + 1] !== '*') {
      REGEX.lastIndex = at;
      if (REGEX.test(text)) {
        at = REGEX.lastIndex;
        ended = true;
        last = '/';
        continue;
      }
    }
    TOKEN.lastIndex = at;
    const { groups } = TOKEN.exec(text)!;
    const { space, line, word, number, string, operator, other } = groups!;
    at = TOKEN.lastIndex;
    if (space !== undefined) continue;
    if (line !== undefined) {
      newline = true;
      continue;
    }
    const broken = newline;
    newline = false;
    if (word !== undefined) {
      if (!CONTINUES.has(word) && ended && (broken || last === '}')) cut();
      if (PREFIXES.has(word)) link();
      ended = !PREFIXES.has(word);
      last = word;
    } else if (number !== undefined || string !== undefined) {
      if (ended && broken) cut();
      ended = true;
      last = '0';
    } else if (operator !== undefined) {
      link();
      // `x++` and `x!` are ended, but what follows them is an operator or a new line.
      ended = (operator === '++' || operator === '!') && ended;
      last = operator;
    } else if (other === '`') at = template(at);
    else if (other === ';' || other === ',') {
      cut();
      ended = false;
      last = other;
    } else if (other === '(' || other === '[' || other === '{') {
      levels.push({ chain: 0, header: other === '(' && HEADERS.has(last), template: false });
      ended = false;
      last = other;
    } else {
      const closed = levels.length > 1 ? levels.pop()! : null;
      if (closed !== null) chained -= closed.chain;
      if (other === '}' && closed?.template === true) {
        at = template(at);
        continue;
      }
      link();
      ended = closed?.header !== true;
      last = other ?? '';
    }
  }
  return -1;
}

/** The first node of a tree, in source order, that lies too deep; null where none does. */
export function tooDeepNode(root: Node): Node | null {
  let level: Node[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > LEVELS_MAX) return level[0]!;
    const next: Node[] = [];
    for (const node of level) {
      const fields = node as unknown as Record<string, Node | (Node | null)[] | null | undefined>;
      for (const key of visitorKeys[node.type] ?? []) {
        const child = fields[key];
        if (child === null || child === undefined) continue;
        if (!Array.isArray(child)) next.push(child);
        else for (const item of child) if (item !== null) next.push(item);
      }
    }
    level = next;
  }
  return null;
}
