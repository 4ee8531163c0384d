/** The places of a call stack as lines of text. */
import { readFileSync } from 'node:fs';
import type { Site } from '../../kernel/arch/site.js';

/** The call trace, a line a place; `places` are innermost first. */
export function traceOf(places: readonly Site[]): readonly string[] {
  if (places.length === 0) return ['  (no code of a module)'];
  return places.map(({ file, line, column, fn, module }) =>
    file === '' ? `  ${fn}` : `  ${fn}  ${file}:${line}:${column}${module === '' ? '' : ` [${module}]`}`,
  );
}

/** The user's own line, with a mark under the place; nothing where no module's code runs. */
export function offenceOf(places: readonly Site[]): readonly string[] {
  const place = places.find(({ file }) => file !== '');
  if (place === undefined) return [];
  const { file, line, column } = place;
  const text = sourceLines(file)[line - 1];
  if (text === undefined) return [`  --> ${file}:${line}:${column}`];
  const gutter = String(line);
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return [`  --> ${file}:${line}:${column}`, `  ${gutter} | ${text}`, `  ${' '.repeat(gutter.length)} | ${indent}^`];
}

/** The file was there when it was loaded; it may be gone now. */
function sourceLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    return [];
  }
}
