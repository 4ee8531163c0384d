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
}

function addonPath(): string {
  return process.env['RINGZERO_ADDON'] ?? join(packageRoot(), 'runtime', 'native', 'build', 'Release', 'stacks.node');
}

function loadAddon(path: string): Stacks {
  const hint = 'Run `npm rebuild ringzero`; it needs a C++ compiler, make and Python.';
  if (!existsSync(path)) throw new Error(`ringzero's native part has not been built: there is no ${path}. ${hint}`);
  try {
    return createRequire(import.meta.url)(path) as Stacks;
  } catch (error) {
    // The addon's own errors say already what to do; the dynamic linker's do not.
    const { code } = error as { code?: string };
    if (code?.startsWith('ERR_RINGZERO_')) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`ringzero's native part cannot be loaded: ${reason}. ${hint}`, { cause: error });
  }
}

let loaded: Stacks | undefined;

/**
 * The stacks of this Node thread. Loads the addon at its first call and not at import.
 *
 * RINGZERO_SWITCH=portable (or fast) chooses the mode, RINGZERO_ADDON another build of the addon.
 *
 * @throws Error when the addon is not built, or not for this Node, or when RINGZERO_SWITCH makes no sense.
 */
export function loadStacks(): Stacks {
  return (loaded ??= loadAddon(addonPath()));
}
