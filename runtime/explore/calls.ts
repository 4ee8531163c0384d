/** Calls of what modules export, as a command line has them: `read(1, 'text', [1, 2])`. */
import { whyNotCalled } from '../machine/calls.js';
import { MachineError } from '../machine/errors.js';
import type { Machine } from '../machine/machine.js';
import { shown } from '../../kernel/lib/shown.js';

/** What can be written down, and can cross from thread to thread. A Uint8Array becomes a buffer in kernel memory. */
export type CallArgument = number | string | boolean | null | Uint8Array;

export type Call = readonly [name: string, ...args: CallArgument[]];

/** There is no such function to call: the user's fault, not the module's. */
export class CallError extends MachineError {}

const NUMBER = /^[-+]?(0x[\da-f]+|\d+(\.\d+)?(e[-+]?\d+)?)$/i;
/** A text in quotes, bytes in brackets, or what has neither. */
const ARGUMENT = /\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^\s,'"[\]]+)\s*(,|$)/y;

/** Throws a {@link CallError} for what is no call; `what` it is to the user. */
export function parseCall(what: string, text: string): Call {
  const [, name, inside] = /^\s*([A-Za-z_$][\w$]*)\s*(?:\((.*)\))?\s*$/s.exec(text) ?? [];
  if (name === undefined) throw new CallError(`${what} must be a call, as in 'name' or 'name(1, 2)', got '${text}'`);
  const args: CallArgument[] = [];
  const list = (inside ?? '').trim();
  ARGUMENT.lastIndex = 0;
  while (ARGUMENT.lastIndex < list.length) {
    const at = ARGUMENT.lastIndex;
    const [, word, end] = ARGUMENT.exec(list) ?? [];
    if (word === undefined || (end === ',' && ARGUMENT.lastIndex === list.length)) throw new CallError(`${what}: cannot read '${list.slice(at)}' in '${text}': arguments are separated by commas`);
    args.push(argumentOf(what, word));
  }
  return [name, ...args];
}

function argumentOf(what: string, word: string): CallArgument {
  if (word === 'true' || word === 'false') return word === 'true';
  if (word === 'null') return null;
  if (NUMBER.test(word)) return word.startsWith('-') ? -Number(word.slice(1)) : Number(word.replace('+', ''));
  if (word.startsWith("'") || word.startsWith('"')) return word.slice(1, -1).replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
  if (word.startsWith('[')) {
    const bytes = word.slice(1, -1).split(',').map((byte) => byte.trim()).filter((byte, _, all) => byte !== '' || all.length > 1);
    const bad = bytes.find((byte) => !/^(\d+|0x[\da-f]+)$/i.test(byte) || Number(byte) > 255);
    if (bad !== undefined) throw new CallError(`${what}: '${bad}' is no byte, which is a whole number from 0 to 255: ${word}`);
    return Uint8Array.from(bytes, Number);
  }
  throw new CallError(`${what}: '${word}' is no argument: there are numbers, 'texts', true, false, null, and [1, 2] for the bytes of a buffer in kernel memory`);
}

/** The text of which parseCall() makes the same call. */
export function showCall([name, ...args]: Call): string {
  return `${name}(${args.map(showArgument).join(', ')})`;
}

function showArgument(arg: CallArgument): string {
  if (typeof arg === 'string') return `'${arg.replace(/['\\]/g, '\\$&').replaceAll('\n', '\\n')}'`;
  if (Object.is(arg, -0)) return '-0';
  return arg instanceof Uint8Array ? `[${arg.join(', ')}]` : String(arg);
}

/** Throws a {@link CallError} for what is no call, in exploreModules(). */
export function checkCall(call: unknown): Call {
  if (!Array.isArray(call) || typeof call[0] !== 'string' || !/^[A-Za-z_$][\w$]*$/.test(call[0])) throw new CallError(`exploreModules(): calls are lists of a name and arguments, as in ['read', 1], got ${shown(call)}`);
  for (const arg of call.slice(1) as unknown[]) {
    const fits = arg === null || arg instanceof Uint8Array || typeof arg === 'string' || typeof arg === 'boolean' || (typeof arg === 'number' && Number.isFinite(arg));
    if (!fits) throw new CallError(`exploreModules(): an argument of ${call[0]}() is a number, a text, true, false, null or a Uint8Array, got ${shown(arg)}`);
  }
  return call as unknown as Call;
}

/** Throws a {@link CallError} where the loaded modules do not export what is called, or it is no function. */
export function checkExports(calls: readonly Call[], machine: Machine): void {
  for (const [name] of calls) {
    const why = whyNotCalled(machine, name);
    if (why !== null) throw new CallError(why);
  }
}
