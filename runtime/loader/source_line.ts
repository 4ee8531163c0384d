/** The lines of the files that were loaded, for reports that show the user's own source. */
import { site_of } from '../../kernel/arch/site.js';

const texts = new Map<string, string>();
const split = new Map<string, readonly string[]>();

/** `file` is the path as sites name it. A later text of the same file takes the place of the earlier one. */
export function rememberSource(file: string, text: string): void {
  texts.set(file, text);
  split.delete(file);
}

/** The line of a site, or null for one that is in no file. */
export function sourceLine(site: number): string | null {
  const { file, line } = site_of(site);
  const text = texts.get(file);
  if (text === undefined) return null;
  let lines = split.get(file);
  if (lines === undefined) split.set(file, (lines = text.split(/\r?\n/)));
  return lines[line - 1] ?? null;
}
