/** Schedules that have failed, a file each, so that the next exploration of the same thing tries them first. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { checksumText } from '../choice/log.js';
import type { Decision } from '../choice/sparse.js';
import { MachineError } from '../machine/errors.js';
import { makeFolder } from '../make_folder.js';

/** Under the folder that the process runs in. */
const FOLDER = join('.ringzero', 'failures');
const VERSION = 2;
const SLUG_MAX = 60;

/** A schedule that has failed: its decisions, and what it was a schedule of, which the token knows. */
export interface KeptSchedule {
  readonly token: string;
  readonly decisions: readonly Decision[];
}

interface KeptFailure extends KeptSchedule {
  readonly headline: string;
}

interface KeptFile extends KeptFailure {
  readonly version: number;
  /** What was explored. */
  readonly name: string;
}

function fileOf(name: string): string {
  const slug = name.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(-SLUG_MAX).replace(/^-/, '');
  return join(FOLDER, `${slug}-${(checksumText(name) >>> 0).toString(16).padStart(8, '0')}.json`);
}

function isDecision(value: unknown): value is Decision {
  const { ordinal, way } = (value ?? {}) as Partial<Record<string, unknown>>;
  return Number.isInteger(ordinal) && Number.isInteger(way);
}

/** What made the exploration called `name` fail the last time, or null. Throws a MachineError for a file that is not as keepFailure() writes it. */
export function keptFailure(name: string): KeptSchedule | null {
  const file = fileOf(name);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unusable(file, (error as Error).message);
  }
  let kept: Partial<KeptFile> | null;
  try {
    kept = JSON.parse(text) as Partial<KeptFile> | null;
  } catch (error) {
    throw unusable(file, (error as Error).message);
  }
  if (kept?.version !== VERSION) throw unusable(file, 'another version of ringzero wrote it');
  // Two names may share a file's name, not its contents.
  if (kept.name !== name) return null;
  const { decisions, token } = kept;
  if (!Array.isArray(decisions) || !decisions.every(isDecision) || typeof token !== 'string') throw unusable(file, 'it has no schedule');
  return { decisions, token };
}

function unusable(file: string, why: string): MachineError {
  return new MachineError(`the failing schedule that was kept in ${file} cannot be read (${why}): remove the file, or explore with keep: false`);
}

/** Returns null, or why it could not be kept: the failure itself is worth more than that. */
export function keepFailure(name: string, { headline, token, decisions }: KeptFailure): string | null {
  const kept: KeptFile = { version: VERSION, name, headline, token, decisions };
  const file = fileOf(name);
  // Whoever reads it at the same time finds all of it, or what was there before.
  const half = `${file}.${process.pid}`;
  try {
    makeFolder(FOLDER);
    writeFileSync(half, `${JSON.stringify(kept, null, 2)}\n`);
    renameSync(half, file);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** It passes now. */
export function forgetFailure(name: string): void {
  rmSync(fileOf(name), { force: true });
}

/** What vitest's `expect` knows of the test that runs. */
interface ExpectState {
  readonly testPath?: string;
  readonly currentTestName?: string;
}

/**
 * Names an exploration by the vitest test that runs it, and by the text of its scenario, of which a test may have several; null
 * outside of a test. vitest keeps its global `expect` under this symbol (@vitest/expect, GLOBAL_EXPECT).
 */
export function nameOfTest(scenario: string): string | null {
  const expect = Reflect.get(globalThis, Symbol.for('expect-global')) as { getState?: () => ExpectState } | undefined;
  const { testPath, currentTestName } = expect?.getState?.() ?? {};
  if (testPath === undefined || currentTestName === undefined) return null;
  return `${relative('', testPath).replaceAll('\\', '/')} > ${currentTestName} #${(checksumText(scenario) >>> 0).toString(16)}`;
}
