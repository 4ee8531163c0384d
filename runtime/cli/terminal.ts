/** Where the command line writes to and reads from. */
import { readFile } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import pc from 'picocolors';
import { loadStacks } from '../native/index.js';
import { UsageError } from './usage.js';

/** Ctrl-C, while nothing ran that could tell where it was. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export interface Terminal {
  /** What was asked for. The promise is there when the reader is slower than we are. */
  out(text: string): void | Promise<void>;
  /** What ringzero has to say about it. */
  err(text: string): void;
  /** How far it is, which the next text of any kind takes the place of where `live`; else a line like others. */
  status(text: string): void;
  /** Somebody looks on: a line can be rewritten. */
  readonly live: boolean;
  stdin(): Promise<Uint8Array>;
  readonly colors: ReturnType<typeof pc.createColors>;
  /** Columns of the terminal. */
  readonly width: number;
  /** Aborted by Ctrl-C, or when nobody reads any more. */
  readonly signal: AbortSignal;
}

/** The bytes of a file, or of standard input for `-`. */
export async function readInput(path: string, terminal: Terminal): Promise<Uint8Array> {
  if (path === '-') return terminal.stdin();
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code === 'EACCES' ? 'permission denied' : String(code);
    throw new UsageError(`cannot read ${path}: ${why}`);
  }
}

/** A line of the console as dmesg --color shows it. */
export function paint(line: string, { dim, red, bold, cyan }: Terminal['colors']): string {
  const [, stamp = '', text = ''] = /^(\[ *\d+\.\d+\] )?(.*)$/s.exec(line) ?? [];
  let painted = text;
  if (/^(BUG|Oops|WARNING|Kernel panic|INFO: task|NMI watchdog|watchdog: BUG|huh)\b/.test(text)) painted = bold(red(text));
  else if (/^ {2}--> /.test(text)) painted = cyan(text);
  else if (/^ +\| +\^$/.test(text)) painted = bold(red(text));
  else if (/^ {2}\d+ \| /.test(text)) painted = bold(text);
  else if (text.startsWith('replay: ')) painted = cyan(text);
  return dim(stamp) + painted;
}

/** The process's own streams, with Ctrl-C and a reader that went away taken care of. */
export function processTerminal(): Terminal {
  const { stdout, stderr, stdin, env } = process;
  const aborter = new AbortController();
  let interrupted = false;
  const colored = (env['NO_COLOR'] ?? '') === '' && ((env['FORCE_COLOR'] ?? '') !== '' || (stdout.isTTY && env['TERM'] !== 'dumb'));
  process.on('SIGINT', () => {
    // The second one is from somebody who does not want to wait, for no thread either.
    if (interrupted) loadStacks().endProcess(128 + 2);
    interrupted = true;
    aborter.abort();
  });
  let closed = false;
  const live = stderr.isTTY && env['TERM'] !== 'dumb';
  let status = false;
  const clearStatus = (): void => {
    if (status) stderr.write('\r\x1b[K');
    status = false;
  };
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (closed) return;
    closed = true;
    if (error.code === 'EPIPE') process.exitCode = 128 + 13;
    else {
      stderr.write(`ringzero: cannot write to standard output: ${error.message}\n`);
      process.exitCode = 2;
    }
    aborter.abort();
  });
  stderr.on('error', () => undefined);
  // Of a pipe isTTY is undefined, which createColors() would take for "decide yourself".
  const colors = pc.createColors(Boolean(colored));
  return {
    out(text) {
      clearStatus();
      if (closed || stdout.write(`${text}\n`)) return;
      return new Promise((resolve) => {
        stdout.once('drain', resolve);
        stdout.once('error', () => {
          resolve();
        });
      });
    },
    err(text) {
      // Who closed the pipe does not want to hear what became of the run.
      clearStatus();
      if (!closed) stderr.write(`${text}\n`);
    },
    status(text) {
      if (closed) return;
      if (!live) {
        stderr.write(`${colors.dim(text)}\n`);
        return;
      }
      status = true;
      // A line that wraps could not be rewritten. Some terminals do not know their width.
      stderr.write(`\r\x1b[K${colors.dim(text.slice(0, (stderr.columns > 0 ? stderr.columns : 80) - 1))}`);
    },
    live,
    async stdin() {
      const pieces: Buffer[] = [];
      try {
        for await (const piece of addAbortSignal(aborter.signal, stdin)) pieces.push(piece as Buffer);
      } catch (error) {
        if (aborter.signal.aborted) throw new Interrupted();
        throw error;
      }
      return Buffer.concat(pieces);
    },
    colors,
    width: stdout.isTTY ? stdout.columns : 80,
    signal: aborter.signal,
  };
}
