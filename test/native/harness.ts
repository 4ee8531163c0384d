// Runs fixtures in child processes: a mode is chosen once a process, and some cases end their process.

import { spawnSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadStacks, type SwitchMode } from '../../runtime/native/index.js';

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}.mjs`, import.meta.url));

/** The modes that this machine has. */
export const modes: readonly SwitchMode[] = loadStacks().mode === 'fast' ? ['fast', 'portable'] : ['portable'];

export interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function runFixture(mode: SwitchMode, name: string, args: readonly string[] = [], flags: readonly string[] = []): Ended {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...flags, fixture(name), ...args], {
    encoding: 'utf8',
    // Without the runner's own flags, which are for its own process.
    env: { ...process.env, RINGZERO_SWITCH: mode, NODE_OPTIONS: '' },
    timeout: 120_000,
  });
  return { status, signal, stdout, stderr };
}

/** One test for each case in the fixture and each mode, each in a process of its own. */
export async function testCases(name: string, flags: readonly string[] = []): Promise<void> {
  const { cases } = (await import(/* @vite-ignore */ pathToFileURL(fixture(name)).href)) as { cases: Record<string, unknown> };
  describe.each(modes)('%s', (mode) => {
    it.each(Object.keys(cases))('%s', (title) => {
      const ended = runFixture(mode, 'run', [name, title], flags);
      expect(ended).toEqual({ status: 0, signal: null, stdout: 'reached the end\n', stderr: '' });
    });
  });
}
