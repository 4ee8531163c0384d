/** What an exploration asks of V8's garbage collector. */
import { setFlagsFromString } from 'node:v8';

let told = false;

/**
 * Machines die young, tens of thousands a second. V8 notices now and then that some array of theirs has outlived a
 * collection, and from then on makes every such array in old space: there it is not collected with its machine, and
 * keeps all of it alive until the next full collection. Schedules take twice to three times as long then. Changes
 * nothing but where arrays are made.
 */
export function expectShortLives(): void {
  if (told) return;
  told = true;
  setFlagsFromString('--no-allocation-site-pretenuring');
}
