/** Flags: declared once, for the parser and for the help. */
import { parseArgs } from 'node:util';
import { near } from '../loader/errors.js';
import { LIMIT_S } from '../machine/options.js';

/** The command line is wrong; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Flag {
  /** What stands for its value in the help; a flag without one is a switch. */
  readonly value?: string;
  readonly help: string;
  /** It may be given more than once. */
  readonly multiple?: boolean;
}

export type Flags = Readonly<Record<string, Flag>>;

export interface Arguments {
  readonly words: readonly string[];
  /** The values of each flag that was given; a switch has an empty text. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

export const HELP: Flags = { help: { help: 'Show this help' } };

/** Throws a {@link UsageError} for a flag that there is not, and for a value that is missing or too much. */
export function parseFlags(argv: readonly string[], flags: Flags, command: string): Arguments {
  const options = Object.fromEntries(Object.entries(flags).map(([name, { value }]) => [name, { type: value === undefined ? ('boolean' as const) : ('string' as const) }]));
  const { tokens } = parseArgs({ args: [...argv], options: { ...options, help: { type: 'boolean', short: 'h' } }, allowPositionals: true, strict: false, tokens: true });
  const words: string[] = [];
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName } = token;
    const flag = Object.hasOwn(flags, name) ? flags[name] : name === 'help' ? HELP['help'] : undefined;
    if (flag === undefined) {
      throw new UsageError(`there is no option ${rawName}${suggestion(name, Object.keys(flags), '--')}; see: ringzero help ${command}`);
    }
    if (flag.value === undefined && token.value !== undefined) throw new UsageError(`${rawName} takes no value`);
    if (flag.value !== undefined && token.value === undefined) throw new UsageError(`${rawName} needs a value: ${rawName} ${flag.value}`);
    const earlier = values.get(name);
    if (earlier === undefined) values.set(name, [token.value ?? '']);
    else if (flag.multiple === true) earlier.push(token.value ?? '');
    else throw new UsageError(`${rawName} is given twice`);
  }
  return { words, values };
}

/** ` (did you mean run?)`, or nothing. */
export function suggestion(name: string, candidates: readonly string[], prefix = ''): string {
  const likely = candidates.filter((candidate) => candidate.startsWith(name) && name !== '').concat(near(name, candidates));
  return likely[0] === undefined ? '' : ` (did you mean ${prefix}${likely[0]}?)`;
}

/** A whole number of a flag, or undefined where it was not given. */
export function integerFlag(args: Arguments, name: string, low: number, high: number): number | undefined {
  const text = args.values.get(name)?.[0];
  return text === undefined ? undefined : integer(`--${name}`, text, low, high);
}

export function integer(what: string, text: string, low: number, high: number): number {
  const value = /^[-+]?(\d+|0x[\da-f]+)$/i.test(text) ? Number(text) : NaN;
  if (value >= low && value <= high) return value;
  throw new UsageError(`${what} must be a whole number from ${low} to ${high}, not '${text}'`);
}

/** A number that is not negative; fractions are welcome. */
export function numberFlag(args: Arguments, name: string, what: string): number | undefined {
  const text = args.values.get(name)?.[0];
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? NaN : Number(text);
  if (value >= 0 && value <= 1e9) return value;
  throw new UsageError(`--${name} must be a number of ${what} from 0 to 1e9, not '${text}'`);
}

/** The flag for how long a call into the machine may take; `usual_s` where it is not given. */
export function limitFlags(usual_s: number): Flags {
  return { limit: { value: 'SECONDS', help: `End a call into the machine, insmod for one, that takes so long of your time (${usual_s})` } };
}

export const LIMIT = limitFlags(LIMIT_S);

/** Seconds that a call into the machine may take. */
export function limitFlag(args: Arguments, usual_s = LIMIT_S): number {
  const limit_s = numberFlag(args, 'limit', 'seconds') ?? usual_s;
  if (limit_s === 0) throw new UsageError('--limit must be a number of seconds above 0');
  return limit_s;
}

export function flagHelp(flags: Flags): string {
  const rows = Object.entries(flags).map(([name, { value, help }]) => [`--${name}${value === undefined ? '' : ` ${value}`}`, help] as const);
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`).join('\n');
}
