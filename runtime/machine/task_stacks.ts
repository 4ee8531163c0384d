/**
 * The stacks of tasks. One whose task has ended waits for the next one, whichever machine's: to end it and to spawn
 * another would take as long as another switch.
 */
import { loadStacks, type Stacks } from '../native/index.js';

/** Whose task begins. */
export interface Beginner {
  /**
   * Runs the task to its end, on the stack that calls. Returns the stack that goes on then; below 0, as -1 minus it,
   * where the one that calls is not needed any more.
   */
  begin(): number;
}

const RESTING_MAX = 64;

/** They are parked in serve(). */
const resting: number[] = [];

/** Whose a stack is, by its number. One list for all machines: most have given back all of theirs when they are switched off. */
const users: (Beginner | null)[] = [];

/** Whose task is to begin on the stack that was taken last. */
let beginner: Beginner;

/** A stack on which `next` begins its task once it is switched to. Throws where there is none to be had. */
export function take_stack(stacks: Stacks, next: Beginner): number {
  const stack = resting.pop() ?? stacks.spawn(serve);
  if (beginner !== next) beginner = next;
  while (users.length <= stack) users.push(null);
  users[stack] = next;
  return stack;
}

/** Its task has no stack any more. */
export function leave_stack(stack: number): void {
  users[stack] = null;
}

/** Ends the stacks whose tasks have not ended. */
export function kill_stacks(stacks: Stacks, of: Beginner): void {
  for (let stack = 0; stack < users.length; stack++) {
    if (users[stack] !== of) continue;
    users[stack] = null;
    stacks.kill(stack);
  }
}

/** The stack's task has ended, and it may be taken. Returns false where enough of them wait: it is to end. */
export function rest(stack: number): boolean {
  if (resting.length === RESTING_MAX) return false;
  resting.push(stack);
  return true;
}

/** The bottom of every stack: one task after the other. Returns the stack that goes on at its end. */
function serve(): number {
  const stacks = loadStacks();
  const own = stacks.current();
  for (;;) {
    const next = beginner.begin();
    if (next < 0) return -1 - next;
    // The next task may have been given this very stack.
    if (next !== own) stacks.switchTo(next);
  }
}
