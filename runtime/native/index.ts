// The typed face of the addon: real call stacks in one V8 heap, handing over a baton (docs: DESIGN.md, 1).

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageRoot } from '../package_root.js';

/**
 * How the baton travels: `fast` lends a parked thread's stack to the running thread (Linux on x86-64 and
 * arm64), `portable` wakes one thread and puts another to sleep.
 */
export type SwitchMode = 'fast' | 'portable';

/** Integers, for tests and limits. */
export interface StackStats {
  /** Threads made so far: each is a stack, live or in the pool. */
  readonly threads: number;
  /** Stacks spawned and not ended. The host's own is not counted. */
  readonly live: number;
  /** Stacks that wait in the pool for their next entry function. */
  readonly pooled: number;
  /** The most stacks that one Node thread can have. */
  readonly limit: number;
}

/**
 * Call stacks that share this Node thread's heap. Exactly one runs at any time: the one with the baton.
 * Stack 0 is the host's own; the numbers of ended stacks are used again.
 */
export interface Stacks {
  readonly mode: SwitchMode;

  /**
   * Takes a stack from the pool (or makes one) that will call `entry` at its first switchTo().
   *
   * What `entry` returns is the stack that gets the baton when this one has ended. Where that is none, or
   * where `entry` throws, stack 0 gets it and its switchTo() throws.
   *
   * @throws RangeError beyond `stats().limit` stacks; an Error with a `code` when there is no thread to be had.
   */
  spawn(entry: () => number): number;

  /**
   * Hands the baton to stack `id`; returns when somebody hands it back. To the current stack: does nothing.
   *
   * @throws RangeError when `id` is no live stack. On stack 0, whatever a stack that ended by an error threw.
   */
  switchTo(id: number): void;

  /**
   * Ends a parked stack: no `catch` sees it and no `finally` runs. A stack that never started is just dropped.
   *
   * @throws RangeError when `id` is no live stack, or 0; an Error when it is the current one.
   */
  kill(id: number): void;

  /** The stack that runs now. */
  current(): number;

  stats(): StackStats;

  /**
   * Ends the process at once, with an integer as its exit code: it waits for no thread, and nothing runs at exit. Node's
   * own ways to exit wait for the worker threads, of which one in the middle of a built-in function never comes back.
   */
  endProcess(code: number): never;
}

const require = createRequire(import.meta.url);

/** What is to be done where none fits. */
const HINT = 'Install a C++ compiler, make and Python 3, then run `npm rebuild ringzero` (in a checkout `npm run install`)';

/** One that was compiled here, or else the one for this Node among those that travel in the package. */
function addonPath(): string {
  const given = process.env['RINGZERO_ADDON'];
  if (given !== undefined) {
    if (!existsSync(given)) throw new Error(`RINGZERO_ADDON=${given}: there is no such file`);
    return given;
  }
  const { path } = require('node-gyp-build') as { path: (folder: string) => string };
  try {
    return path(join(packageRoot(), 'runtime', 'native'));
  } catch (error) {
    const here = `Node ${process.versions.node} on ${process.platform}-${process.arch}`;
    throw new Error(`ringzero has no compiled addon for ${here}. ${HINT}`, { cause: error });
  }
}

function loadAddon(path: string): Stacks {
  try {
    return require(path) as Stacks;
  } catch (error) {
    // The addon's own errors say already what to do; the dynamic linker's do not.
    const { code } = error as { code?: string };
    if (code?.startsWith('ERR_RINGZERO_')) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`ringzero's compiled addon cannot be loaded: ${reason}. ${HINT}`, { cause: error });
  }
}

let loaded: Stacks | undefined;

/**
 * The stacks of this Node thread. Loads the addon at its first call and not at import.
 *
 * RINGZERO_SWITCH=portable (or fast) chooses the mode, RINGZERO_ADDON another build of the addon.
 *
 * @throws Error when there is no addon for this Node, and none compiled here, or it cannot be loaded, or when RINGZERO_SWITCH makes no sense.
 */
export function loadStacks(): Stacks {
  return (loaded ??= loadAddon(addonPath()));
}
