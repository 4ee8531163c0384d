/** What a module has thrown, as a report says it. */
import { arch } from '../arch/arch.js';
import { shown_error } from '../lib/shown.js';

/** Its name and message, in the author's words: V8 quotes the code that it ran, which is not quite what was written. */
export function described(error: unknown): string {
  return shown_error(error, (message) => arch.authors_words(message));
}
