/** The numbers that stand in the modules' source: what a driver compares with is there, as a rule. */
import { sourceLine } from '../loader/source_line.js';

const CONSTANTS_MAX = 256;
const LITERAL = /(?<![\w.])(?:0x[\da-f_]+|0b[01_]+|0o[0-7_]+|\d[\d_]*)(?![\w.])/gi;

export class Constants {
  private readonly numbers = new Set<number>();
  list: readonly number[] = [];

  /** The code has come to the place for the first time. */
  read(site: number): void {
    const before = this.numbers.size;
    for (const [text] of sourceLine(site)?.matchAll(LITERAL) ?? []) {
      const number = Number(text.replaceAll('_', ''));
      if (number <= 0xffff_ffff && this.numbers.size < CONSTANTS_MAX) this.numbers.add(number | 0);
    }
    if (this.numbers.size > before) this.list = [...this.numbers];
  }
}
