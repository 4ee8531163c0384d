/** What can be wrong with a module before it runs, told in the words and lines of its author. */

export interface Place {
  /** As shown to the user. */
  readonly file: string;
  /** 1-based; 0 when the mistake is in the path itself. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** Text of that line. */
  readonly source: string;
}

/** `ENOENT`: there is no such file. `ENOEXEC`: there is, but it is not a module that the kernel can run. */
export type LoadErrorCode = 'ENOENT' | 'ENOEXEC';

/** A mistake in the user's file or path. The message is complete: place, reason, source line and caret. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly code: LoadErrorCode;
  /** The message without the place and the source line. */
  readonly reason: string;

  constructor(reason: string, place: Place, code: LoadErrorCode = 'ENOEXEC') {
    super(format(reason, place));
    this.reason = reason;
    this.file = place.file;
    this.line = place.line;
    this.column = place.column;
    this.code = code;
  }
}

function format(reason: string, { file, line, column, source }: Place): string {
  if (line === 0) return `${file}: ${reason}`;
  const gutter = String(line);
  const { shown, at } = around(source, column - 1);
  // Tabs are kept so that the caret stands under its character whatever a tab's width.
  const indent = shown.slice(0, at).replace(/[^\t]/g, ' ');
  return `${file}:${line}:${column}: ${reason}\n  ${gutter} | ${shown}\n  ${' '.repeat(gutter.length)} | ${indent}^`;
}

/** Characters of a line that are shown. */
const LINE_MAX = 160;

/** The part of a line that is shown, with the offset in it of what is at `at` in the line. */
function around(source: string, at: number): { shown: string; at: number } {
  if (source.length <= LINE_MAX) return { shown: source, at };
  const start = Math.max(0, Math.min(at - LINE_MAX / 2, source.length - LINE_MAX));
  const before = start > 0 ? '...' : '';
  const behind = start + LINE_MAX < source.length ? '...' : '';
  return { shown: `${before}${source.slice(start, start + LINE_MAX)}${behind}`, at: before.length + at - start };
}

/** A name that neither the file, nor its headers, nor another module provides: insmod's "Unknown symbol". */
export class UnknownSymbol extends Error {
  override readonly name = 'UnknownSymbol';
  readonly symbol: string;

  constructor(symbol: string) {
    super(`Unknown symbol ${symbol}`);
    this.symbol = symbol;
  }
}

/** The candidates that differ least from a misspelt name, best first. */
export function near(name: string, candidates: Iterable<string>): string[] {
  const limit = Math.max(2, Math.floor(name.length / 3));
  const ranked: [number, string][] = [];
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate);
    if (distance <= limit) ranked.push([distance, candidate]);
  }
  ranked.sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1));
  const best = ranked[0]?.[0] ?? 0;
  return ranked.filter(([distance]) => distance <= best + 1).slice(0, 3).map(([, candidate]) => candidate);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
