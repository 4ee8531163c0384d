/** A file of a module, read and parsed. */
import { rememberSource } from './source_line.js';
import { relative, isAbsolute } from 'node:path';
import { parseSync, type Comment } from 'oxc-parser';
import type { NodeOf } from './ast.js';
import { LoadError, type Place } from './errors.js';
import { tooDeep, tooDeepNode } from './nesting.js';

const TOO_DEEP = 'the source is nested too deep here: give parts of it names, or make it a loop or a table';

const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;

export class SourceFile {
  /** Absolute. */
  readonly path: string;
  /** As the user would write it: relative to the working directory where the file lies inside it. */
  readonly display: string;
  readonly text: string;
  readonly program: NodeOf<'Program'>;
  readonly #comments: readonly Comment[];
  readonly #lineStarts: number[] = [0];

  constructor(path: string, text: string, lang: 'ts' | 'tsx' = 'ts') {
    this.path = path;
    this.display = displayPath(path);
    this.text = text.startsWith('\uFEFF') ? text.slice(1) : text;
    rememberSource(this.display, this.text);
    for (const match of this.text.matchAll(LINE_END)) this.#lineStarts.push(match.index + match[0].length);

    const deep = tooDeep(this.text);
    if (deep >= 0) throw this.error(deep, TOO_DEEP);
    // The language is always a kind of TypeScript: what a JavaScript file may contain is contained in it.
    const parsed = parseSync(path, this.text, { lang, sourceType: 'module', preserveParens: true, showSemanticErrors: true });
    const error = parsed.errors.find(({ severity }) => (severity as string) === 'Error');
    if (error !== undefined) {
      // Labels with a text explain; the one without is the place. Of two explanations the later one is the offender.
      const label = error.labels.find(({ message }) => message === null) ?? error.labels.at(-1);
      throw this.error(label?.start ?? 0, error.message.replace(/\.$/, ''));
    }
    this.program = parsed.program;
    const node = tooDeepNode(this.program);
    if (node !== null) throw this.error(node.start, TOO_DEEP);
    this.#comments = parsed.comments;
  }

  /** 1-based line and column of an offset. */
  position(offset: number): { line: number; column: number } {
    const starts = this.#lineStarts;
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  }

  place(offset: number): Place {
    const { line, column } = this.position(offset);
    const source = this.text.slice(this.#lineStarts[line - 1], this.#lineStarts[line]).trimEnd();
    return { file: this.display, line, column, source };
  }

  error(offset: number, reason: string): LoadError {
    return new LoadError(reason, this.place(offset));
  }

  /** Offset of the first `token` at or after `from`, comments not counted; the caller knows that there is one. */
  find(token: string, from: number): number {
    let at = this.text.indexOf(token, from);
    for (const { start, end } of this.#comments) {
      if (end <= from) continue;
      if (at < start) break;
      if (at < end) at = this.text.indexOf(token, end);
    }
    return at;
  }
}

export function displayPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
}
