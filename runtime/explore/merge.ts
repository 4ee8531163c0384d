/** Results of the shards of one exploration, as files keep them, and what they show together. */
import { createHash } from 'node:crypto';
import { Census, type Hashes, mapHashes } from './census.js';
import type { Limits } from './options.js';
import { claimOfPart, firstFound, type Found, mergeParts, type Part } from './part.js';
import { showShare, WHOLE } from './share.js';

/** Of the file's format. */
const FORMAT = 3;

/** What an exploration is an exploration of: two results that differ in any of it have nothing to do with each other. */
export interface Subject {
  /** Of ringzero. */
  readonly version: string;
  /** The modules and the scenario, as on the command line. */
  readonly command: string;
  /** A hash of the modules' source texts. */
  readonly sources: string;
  /** Infinity is null, as JSON has it. */
  readonly options: Readonly<Record<string, string | number | null>>;
}

export interface Result {
  readonly subject: Subject;
  readonly part: Part;
  readonly hashes: Hashes;
  readonly failure: Found | null;
}

export interface Merged {
  /** What the results that are there show together. */
  readonly claim: string;
  readonly part: Part;
  readonly census: Census;
  /** The first of the failures. */
  readonly failure: Found | null;
  /** Shards without a result, as in `2/3`. */
  readonly missing: readonly string[];
}

/** Results that cannot be read, or do not belong together. */
export class MergeError extends Error {
  override readonly name = 'MergeError';
}

/** The options that are a part of the subject: all but the share, and where a failure is kept. */
export function subjectOptions({ share: _, keep: _keep, contested: _contested, kinds, reduce, ...options }: Limits): Subject['options'] {
  return { ...options, kinds: kinds.join(','), reduce: String(reduce), milliseconds: options.milliseconds === Infinity ? null : options.milliseconds };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function pack(words: Int32Array): string {
  const bytes = Buffer.alloc(4 * words.length);
  words.forEach((word, i) => bytes.writeInt32LE(word, 4 * i));
  return bytes.toString('base64');
}

function unpack(text: string): Int32Array {
  const bytes = Buffer.from(text, 'base64');
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readInt32LE(4 * i));
}

export function writeResult({ subject, part, hashes, failure }: Result): string {
  const content = { format: FORMAT, subject, part, failure, hashes: mapHashes((set) => pack(hashes[set])) };
  return `${JSON.stringify({ ...content, digest: digest(JSON.stringify(content)) })}\n`;
}

/** Throws a {@link MergeError} for anything that writeResult() did not write. `name` is that of the file. */
export function readResult(name: string, text: string): Result {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new MergeError(`${name} is not a result of ringzero explore, or not all of one`, { cause: error });
  }
  const { digest: sum, ...content } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (content['format'] !== FORMAT) throw new MergeError(`${name} is not a result of ringzero explore that this version can read`);
  if (sum !== digest(JSON.stringify(content))) throw new MergeError(`${name} is damaged: it is not as ringzero wrote it`);
  const { subject, part, failure, hashes } = content as unknown as Omit<Result, 'hashes'> & { readonly hashes: Record<keyof Hashes, string> };
  return { subject, part, failure, hashes: mapHashes((set) => unpack(hashes[set])) };
}

/** Puts the results of shards together. Throws a {@link MergeError} where they are not disjoint shards of one exploration. */
export function mergeResults(results: readonly { readonly name: string; readonly result: Result }[]): Merged {
  const [first] = results;
  if (first === undefined) throw new MergeError('there are no results to merge');
  const names = new Map<number, string>();
  for (const { name, result } of results) {
    const difference = differenceOf(first.result.subject, result.subject);
    if (difference !== null) throw new MergeError(`${first.name} and ${name} are of different explorations: ${difference}`);
    const { share } = result.part;
    if (share.of !== first.result.part.share.of) {
      throw new MergeError(`${first.name} is shard ${showShare(first.result.part.share)} and ${name} is shard ${showShare(share)}: they overlap`);
    }
    const other = names.get(share.index);
    if (other !== undefined) throw new MergeError(`${other} and ${name} are both shard ${showShare(share)}`);
    names.set(share.index, name);
  }

  const { of } = first.result.part.share;
  const all = Array.from({ length: of }, (_, index) => index);
  const show = (index: number): string => showShare({ index, of });
  const missing = all.filter((index) => !names.has(index)).map(show);
  const part = mergeParts(results.map(({ result }) => result.part), WHOLE);
  const census = new Census(false);
  for (const { result } of results) census.add(result.hashes);
  const claim = claimOfPart(limitsOf(first.result.subject), part);
  return {
    claim: missing.length === 0 ? claim : `${claim}, as far as shard ${all.filter((index) => names.has(index)).map(show).join(', ')} goes`,
    part: missing.length === 0 ? part : { ...part, exhausted: false },
    census,
    failure: firstFound(results.flatMap(({ result }) => result.failure ?? [])),
    missing,
  };
}

function limitsOf({ options }: Subject): Limits {
  return { ...options, milliseconds: options['milliseconds'] ?? Infinity, kinds: String(options['kinds']).split(','), reduce: options['reduce'] === 'true', contested: [], keep: false, share: WHOLE } as unknown as Limits;
}

/** What tells one subject from the other, or null. */
function differenceOf(a: Subject, b: Subject): string | null {
  if (a.version !== b.version) return `by ringzero ${a.version} and ${b.version}`;
  if (a.command !== b.command) return `of ${a.command} and of ${b.command}`;
  if (a.sources !== b.sources) return 'the modules have changed in between';
  const name = Object.keys(a.options).find((key) => a.options[key] !== b.options[key]);
  return name === undefined ? null : `with ${name} ${a.options[name] ?? 'unlimited'} and ${b.options[name] ?? 'unlimited'}`;
}
