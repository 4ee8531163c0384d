/**
 * The name of an error number.
 *
 * Follows lib/errname.c.
 */
import * as errno from '../include/linux/errno.js';

/** Second names of a number: the first name is the one to print. */
const ALIASES: readonly string[] = ['EWOULDBLOCK', 'EDEADLOCK'];

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(errno)
    .filter(([name]) => !ALIASES.includes(name))
    .map(([name, value]) => [value, name]),
);

/**
 * `-EINVAL` for -22, `EINVAL` for 22, null for a number that no error has.
 *
 * Context: any. Source: lib/errname.c, errname().
 */
export function errname(err: number): string | null {
  const name = names.get(Math.abs(err));
  if (name === undefined) return null;
  return err < 0 ? `-${name}` : name;
}
