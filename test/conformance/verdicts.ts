/** What a real Linux 6.1 debug kernel said, and what is known of the differences. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { scripts } from './scripts.js';

export interface Verdict {
  readonly name: string;
  readonly family: string;
  readonly what: string;
  readonly verdict: 'silent' | 'warning' | 'bug' | 'oops' | 'panic' | 'errno' | 'hang';
  /** The first report of the log, its first two lines. */
  readonly first: string | null;
  readonly alsoInLog?: readonly string[];
  readonly errnos?: readonly string[];
  readonly said?: readonly string[];
  /** insmod came back, with an errno or without. */
  readonly insmodReturned?: boolean;
  readonly reachedEnd?: boolean;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const read = (path: string): unknown => JSON.parse(readFileSync(here(path), 'utf8'));

export const verdicts = read('verdicts.json') as readonly Verdict[];

/** Differences that are meant, with their reasons. */
export const exceptions: ReadonlyMap<string, string> = new Map(Object.entries(read('exceptions.json') as Record<string, string>));

/** Scenarios that wait for a part of ringzero, and the part. */
export const pending: ReadonlyMap<string, string> = new Map(Object.entries(read('pending.json') as Record<string, string>));

/** Path of a scenario's module. */
export const scenario = (name: string): string => here(`scenarios/${name}.ts`);

export const isPorted = ({ name }: Verdict): boolean => scripts.has(name) || existsSync(scenario(name));
