/** The built program as a child process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PROGRAM } from '../setup/build.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The built program's command line in this process: a worker thread of it is a built file, too. */
export const { cli: builtCli } = (await import(/* @vite-ignore */ pathToFileURL(join(ROOT, 'dist/runtime/cli/cli.js')).href)) as typeof import('../../runtime/cli/cli.js');

export interface Result {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Options {
  /** Standard input; null leaves it open. */
  readonly input?: string | Uint8Array | null;
  readonly env?: Readonly<Record<string, string>>;
  /** Called once it runs. */
  readonly meanwhile?: (child: ChildProcess) => void;
}

export function ringzero(argv: readonly string[], { input = '', env = {}, meanwhile }: Options = {}): Promise<Result> {
  return new Promise((resolve, reject) => {
    // What colours this process's own output is none of the program's business.
    const child = spawn(process.execPath, [PROGRAM, ...argv], { cwd: ROOT, env: { ...process.env, FORCE_COLOR: '', NO_COLOR: '', ...env } });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => out.push(piece));
    child.stderr.on('data', (piece: Buffer) => err.push(piece));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
    });
    child.stdin.on('error', () => undefined);
    if (input !== null) child.stdin.end(input);
    meanwhile?.(child);
  });
}
