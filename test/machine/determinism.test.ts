import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { boot, type BootOptions, type Machine } from 'ringzero';
import { modes } from '../native/harness.js';

const FIXTURE = new URL('./fixtures/event_log.mjs', import.meta.url);

interface Fixture {
  readonly digest: (from: (options?: BootOptions) => Machine) => string;
}

describe('the event logs of 20 seeds', () => {
  let here = '';
  beforeAll(async () => {
    const { digest } = (await import(/* @vite-ignore */ FIXTURE.href)) as Fixture;
    here = digest(boot);
    expect(digest(boot), 'twice in this process').toBe(here);
  });

  test.each(modes)('are the same in a process of its own, switching the %s way', (mode) => {
    const env = { ...process.env, RINGZERO_SWITCH: mode, NODE_OPTIONS: '' };
    const { stdout, stderr, status } = spawnSync(process.execPath, [fileURLToPath(FIXTURE)], { encoding: 'utf8', env });
    expect({ stdout, stderr, status }).toEqual({ stdout: `${here}\n`, stderr: '', status: 0 });
  });
});
