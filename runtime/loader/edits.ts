/**
 * Edits of a source text that never move a line.
 *
 * All passes go through the tree in source order, so text that is inserted at one place by an outer node, then by an
 * inner one, comes out in that order, and the closing texts in the opposite one.
 */
import MagicString, { type SourceMap } from 'magic-string';

export class Edits {
  readonly #path: string;
  readonly #text: string;
  readonly #magic: MagicString;

  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
    this.#magic = new MagicString(text);
  }

  insert(at: number, text: string): void {
    this.#magic.appendLeft(at, text);
  }

  /** Puts `text` in the place of a range, whose line ends are kept behind it unless `lines` says otherwise. */
  replace(from: number, to: number, text: string, lines: 'keep' | 'drop' = 'keep'): void {
    if (from < to) this.#magic.update(from, to, lines === 'keep' ? text + this.lineEnds(from, to) : text);
  }

  /** Takes a range out. A space stays, lest its neighbours become one word. */
  blank(from: number, to: number): void {
    this.replace(from, to, ' ');
  }

  lineEnds(from: number, to: number): string {
    return this.#text.slice(from, to).replace(/[^\n\r\u2028\u2029]+/g, '');
  }

  /** Wraps the edited text; the head has no line end, for the same reason. */
  finish(head: string, tail: string): { code: string; map: () => SourceMap } {
    this.#magic.prepend(head).append(tail);
    return { code: this.#magic.toString(), map: () => this.#magic.generateMap({ hires: true, source: this.#path, includeContent: true }) };
  }
}
