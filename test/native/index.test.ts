import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadStacks } from '../../runtime/native/index.js';
import { modes, runFixture } from './harness.js';

describe('the typed face', () => {
  const stacks = loadStacks();

  it('is one object', () => {
    expect(loadStacks()).toBe(stacks);
    expect(stacks.current()).toBe(0);
    expect(modes).toContain(stacks.mode);
  });

  it('switches inside the test runner', () => {
    const log: string[] = [];
    const id = stacks.spawn(() => {
      log.push('stack');
      stacks.switchTo(0);
      log.push('stack again');
      return 0;
    });
    stacks.switchTo(id);
    log.push('host');
    stacks.switchTo(id);
    expect(log).toEqual(['stack', 'host', 'stack again']);
    expect(stacks.stats()).toMatchObject({ live: 0, limit: 4096 });
  });

  it('lets a failing expect() inside a stack reach the test', () => {
    const id = stacks.spawn(() => {
      expect(1).toBe(2);
      return 0;
    });
    expect(() => {
      stacks.switchTo(id);
    }).toThrow('expected 1 to be 2');
  });
});

describe('loading', () => {
  const fresh = async (addon: string): Promise<typeof loadStacks> => {
    vi.resetModules();
    vi.stubEnv('RINGZERO_ADDON', addon);
    return (await import('../../runtime/native/index.js')).loadStacks;
  };
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('says when RINGZERO_ADDON names no file, at first use', async () => {
    const load = await fresh('/nowhere/stacks.node');
    expect(() => load()).toThrow('RINGZERO_ADDON=/nowhere/stacks.node: there is no such file');
  });

  it('says what to do when the addon is no addon', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringzero-'));
    try {
      const file = join(folder, 'stacks.node');
      writeFileSync(file, 'not a library');
      const load = await fresh(file);
      expect(() => load()).toThrow(/cannot be loaded: .*Install a C\+\+ compiler, make and Python 3, then run `npm rebuild ringzero`/s);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses a mode that there is not', () => {
    const ended = runFixture('slow' as 'fast', 'exit', ['end']);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('RINGZERO_SWITCH=slow: it is `fast` or `portable`');
    expect(ended.stderr).toContain("code: 'ERR_RINGZERO_SWITCH'");
  });
});
