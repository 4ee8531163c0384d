/** Replay tokens: a log of choices as a short text that can be copied from a report to a command line. */
import { CHECKSUM_START, checksum, KINDS, type LogEntry } from './log.js';

/** Names the format; another version's token is refused. */
const VERSION = 'rz2';

export interface Token {
  /** Checksum of the machine's configuration. */
  readonly machine: number;
  readonly seed: number;
  /** CPUs changed only by choice, not by their clocks. */
  readonly clockless: boolean;
  /** Allocations were among the choices. */
  readonly faults: boolean;
  /** Checksums of the modules that were loaded, with their parameters, each once and in order. */
  readonly modules: readonly number[];
  /** Code that had run when the schedule had come to more points than it may have, in ns; Infinity where it had not. */
  readonly beyond: number;
  readonly entries: readonly LogEntry[];
}

/** Bits of its third number. */
const CLOCKLESS = 1;
const FAULTS = 2;
const BEYOND = 4;

/** A token that cannot be used here, and why. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';
}

export function encodeToken(token: Token): string {
  const bytes: number[] = [];
  const varint = (value: number): void => {
    let rest = value;
    while (rest >= 0x80) {
      bytes.push((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    bytes.push(rest);
  };
  const word = (value: number): void => {
    for (let i = 0; i < 4; i++) bytes.push((value >>> (8 * i)) & 0xff);
  };
  varint(token.machine >>> 0);
  varint(token.seed >>> 0);
  const bounded = token.beyond !== Infinity;
  varint((token.clockless ? CLOCKLESS : 0) | (token.faults ? FAULTS : 0) | (bounded ? BEYOND : 0));
  if (bounded) varint(token.beyond);
  varint(token.modules.length);
  for (const module of token.modules) word(module);
  for (const entry of token.entries) {
    varint(entry.kind);
    varint(entry.distance);
    varint(entry.ways);
    varint(entry.way);
    bytes.push(entry.check);
  }
  word(bytes.reduce(checksum, CHECKSUM_START));
  return `${VERSION}.${Buffer.from(bytes).toString('base64url')}`;
}

/** Throws a {@link ReplayError} for anything that encodeToken() did not write. */
export function decodeToken(text: string): Token {
  const [version, body] = text.trim().split('.');
  if (version !== VERSION) {
    const known = /^rz\d+$/.test(version ?? '') ? `it is of version ${version}` : 'it does not look like one';
    throw new ReplayError(`not a replay token of this ringzero: ${known}, and this one reads ${VERSION}`);
  }
  const bytes = Buffer.from(body ?? '', 'base64url');
  const damaged = new ReplayError('the replay token is damaged: was all of it copied?');
  if (bytes.length < 6) throw damaged;
  const payload = bytes.subarray(0, -4);
  if (bytes.readUInt32LE(payload.length) !== payload.reduce(checksum, CHECKSUM_START) >>> 0) throw damaged;

  let at = 0;
  const byte = (): number => {
    const value = payload[at++];
    if (value === undefined) throw damaged;
    return value;
  };
  const varint = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const part = byte();
      value += (part & 0x7f) * scale;
      if (part < 0x80) return value;
      scale *= 0x80;
    }
  };
  const machine = varint() | 0;
  const seed = varint() | 0;
  const flags = varint();
  const beyond = (flags & BEYOND) !== 0 ? varint() : Infinity;
  const modules: number[] = [];
  for (let left = varint(); left > 0; left--) modules.push(byte() | (byte() << 8) | (byte() << 16) | (byte() << 24));
  const entries: LogEntry[] = [];
  while (at < payload.length) {
    const entry = { kind: varint(), distance: varint(), ways: varint(), way: varint(), check: byte() };
    if (entry.kind >= KINDS.length || entry.way >= entry.ways) throw damaged;
    entries.push(entry);
  }
  return { machine, seed, clockless: (flags & CLOCKLESS) !== 0, faults: (flags & FAULTS) !== 0, modules, beyond, entries };
}

/** Whether two runs were of the same modules with the same parameters. False where one of the tokens cannot be read. */
export function sameModules(one: string, other: string): boolean {
  try {
    return decodeToken(one).modules.join() === decodeToken(other).modules.join();
  } catch (error) {
    if (error instanceof ReplayError) return false;
    throw error;
  }
}

/** Name of an entry's kind, for messages. */
export function kindName(kind: number): string {
  return KINDS[kind]!;
}
