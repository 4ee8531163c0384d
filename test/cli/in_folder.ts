/** What the command line keeps and writes goes to the folder that one is in: each test of a file gets one of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';

/** Failing schedules are kept there, as they are for a user. */
export function inFolder(): void {
  let home = '';
  let folder = '';
  beforeEach(() => {
    vi.stubEnv('RINGZERO_EXPLORE_KEEP', undefined);
    home = process.cwd();
    folder = mkdtempSync(join(tmpdir(), 'ringzero-'));
    process.chdir(folder);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });
}
