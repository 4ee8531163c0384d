/** Schedules that have failed, kept in a file, so that the next exploration of the same modules tries them first. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Decision } from '../choice/sparse.js';

const FILE = '.ringzero/failures.json';

interface KeptFailure {
  readonly headline: string;
  readonly token: string;
  readonly decisions: readonly Decision[];
}

type Kept = Record<string, KeptFailure>;

function isDecision(value: unknown): value is Decision {
  const { ordinal, way } = (value ?? {}) as Partial<Record<string, unknown>>;
  return Number.isInteger(ordinal) && Number.isInteger(way);
}

/** A file that cannot be read, or was not written by us, has nothing to say. */
function read(): Kept {
  try {
    const kept: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
    return typeof kept === 'object' && kept !== null && !Array.isArray(kept) ? (kept as Kept) : {};
  } catch {
    return {};
  }
}

function write(kept: Kept): void {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(kept, null, 2)}\n`);
}

/** The decisions that made the exploration of `key` fail the last time, or null. */
export function keptFailure(key: string): readonly Decision[] | null {
  const decisions: unknown = (read()[key] as Partial<KeptFailure> | undefined)?.decisions;
  return Array.isArray(decisions) && decisions.every(isDecision) ? decisions : null;
}

export function keepFailure(key: string, failure: KeptFailure): void {
  const { headline, token, decisions } = failure;
  write({ ...read(), [key]: { headline, token, decisions } });
}

export function forgetFailure(key: string): void {
  const kept = read();
  if (!(key in kept)) return;
  write(Object.fromEntries(Object.entries(kept).filter(([other]) => other !== key)));
}
