/**
 * From a column of the code that runs back to the column that the author wrote.
 *
 * Lines need no map: the loader moves none. A map is made when it is first asked for, which for most files is never.
 */
import { SourceMap, type SourceMapPayload } from 'node:module';

type Encoded = Pick<SourceMapPayload, 'version' | 'sources' | 'names' | 'mappings'>;

type Lookup = (line: number, column: number) => number;

const lookups = new Map<string, Lookup>();

/** The last code that was compiled for a file is the one that its positions mean. */
export function registerMap(path: string, encode: () => Encoded): void {
  let map: SourceMap | null = null;
  lookups.set(path, (line, column) => {
    map ??= new SourceMap({ ...encode(), file: path, sourceRoot: '', sourcesContent: [] });
    const entry = map.findEntry(line - 1, column - 1);
    return 'originalColumn' in entry && entry.originalLine === line - 1 ? entry.originalColumn + 1 : column;
  });
}

export interface Position {
  readonly file: string;
  /** 1-based, as in V8's stacks. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
}

/** Where a position in a stack of V8's is in the user's source. Files that no loader compiled stay as they are. */
export function originalPosition(file: string, line: number, column: number): Position {
  return { file, line, column: lookups.get(file)?.(line, column) ?? column };
}

/** A stack of V8's with the columns of module code as the user wrote them. */
export function mapStack(stack: string): string {
  return stack.replace(/(?<=^\s+at (?:.*\()?)([^()\n]+):(\d+):(\d+)(?=\)?$)/gm, (text, file: string, line: string, column: string) =>
    lookups.has(file) ? `${file}:${line}:${originalPosition(file, Number(line), Number(column)).column}` : text,
  );
}
