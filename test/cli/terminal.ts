/** A terminal that keeps what it is told. */
import pc from 'picocolors';
import type { Terminal } from '../../runtime/cli/terminal.js';

export interface RecordingTerminal extends Terminal {
  outText(): string;
  errText(): string;
}

export function recordingTerminal(input: Uint8Array = new Uint8Array()): RecordingTerminal {
  let out = '';
  let err = '';
  return {
    out(text) {
      out += `${text}\n`;
    },
    err(text) {
      err += `${text}\n`;
    },
    status(text) {
      err += `${text}\n`;
    },
    live: false,
    stdin: () => Promise.resolve(input),
    colors: pc.createColors(false),
    width: 80,
    signal: new AbortController().signal,
    outText: () => out,
    errText: () => err,
  };
}
