/**
 * Values of others as messages show them. Whatever it is - a proxy, an object without a prototype, an error whose message
 * is a getter that throws - there is a text for it: a short one, in which nothing is left that a terminal would obey.
 */

/** Characters of a value's text, and of an error's message, that are shown. */
const VALUE_MAX = 128;
const MESSAGE_MAX = 1024;

/** Control characters, the line end not among them, and what a terminal takes for one. */
const CONTROL = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]/g;

/** A text of somebody's: cut after `max` characters, with its control characters as /dev/kmsg has them (`\x1b`). */
export function escaped(text: string, max = MESSAGE_MAX): string {
  const shown = text.length > max ? `${text.slice(0, max).replace(/[\ud800-\udbff]$/, '')}... (${text.length - max} more characters)` : text;
  return shown.replace(CONTROL, (c) => (c < '\u0100' ? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}` : `\\u${c.charCodeAt(0).toString(16)}`));
}

/** A value as a message shows it: strings in quotes, objects and symbols by what they are. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'function': {
      const name = name_of(value);
      return `the function ${name === '' ? '(anonymous)' : name}`;
    }
    case 'number':
    case 'bigint':
    case 'boolean':
    case 'undefined':
      return escaped(String(value), VALUE_MAX);
    case 'symbol':
      return 'a symbol';
    case 'object':
      return value === null ? 'null' : 'an object';
  }
}

function quoted(text: string): string {
  if (text.length <= VALUE_MAX) return escaped(JSON.stringify(text));
  return `${escaped(JSON.stringify(text.slice(0, VALUE_MAX)))}... (${text.length - VALUE_MAX} more characters)`;
}

/** A value where its text is wanted, in quotes or not as it stands: strings, numbers and the like as they are, the rest as {@link shown}. */
export function as_text(value: unknown): string {
  return typeof value === 'string' ? escaped(value, VALUE_MAX) : shown(value);
}

/** A function's name; empty where it has none, or one that is no text. */
export function name_of(fn: unknown): string {
  const name = property_of(fn, 'name');
  return typeof name === 'string' ? escaped(name, VALUE_MAX).replaceAll('\n', ' ') : '';
}

/** An error as its name and message, which goes through `edit` first; anything else that was thrown as {@link shown}. */
export function shown_error(error: unknown, edit: (message: string) => string = (message) => message): string {
  if (!is_error(error)) return shown(error);
  const name = property_of(error, 'name');
  const message = property_of(error, 'message');
  const kind = typeof name === 'string' && name !== '' ? escaped(name, VALUE_MAX) : 'Error';
  return typeof message === 'string' && message !== '' ? `${kind}: ${escaped(edit(message))}` : kind;
}

/** What an error says, whole, for it may be a report; anything else that was thrown as {@link shown}. */
export function said_by(error: unknown): string {
  if (!is_error(error)) return shown(error);
  const message = property_of(error, 'message');
  return typeof message === 'string' ? message : shown_error(error);
}

/** Whether it is an Error, though it be a proxy that will not say. */
export function is_error(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** A property of whatever it is; undefined where it cannot be read. */
function property_of(value: unknown, key: string): unknown {
  try {
    return (value as Record<string, unknown> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}
