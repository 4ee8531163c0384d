/** The tour's voice: numbered steps of short lines, and blocks that are shown as they are. */
import { paint, type Terminal } from './terminal.js';

export interface Narrator {
  title(text: string): void;
  step(text: string): void;
  block(lines: readonly string[]): void;
}

const COLUMNS_MAX = 80;

export function narrate(terminal: Terminal): Narrator {
  const { bold, green } = terminal.colors;
  const columns = Math.min(terminal.width, COLUMNS_MAX);
  const out = (line: string): void => {
    void terminal.out(line);
  };
  let steps = 0;
  return {
    title(text) {
      if (steps > 0) out('');
      for (const line of wrap(text, columns)) out(bold(line));
    },
    step(text) {
      out('');
      wrap(text, columns - 3).forEach((line, i) => {
        out(i === 0 ? `${green(`${++steps}.`)} ${line}` : `   ${line}`);
      });
    },
    block(lines) {
      for (const line of lines) out(line === '' ? '' : `   ${line}`);
    },
  };
}

/** The machine's own lines. */
export function kernelVoice(lines: readonly string[], colors: Terminal['colors']): string[] {
  return lines.map((line) => paint(line, colors));
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
