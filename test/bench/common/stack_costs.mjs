// What the stacks of a run cost: how many switches, ends and kills it takes, times what one of these takes.
import { loadStacks } from '../../../build/bench/test/bench/common/internals.js';
import { measure } from './measure.mjs';

const UNIT = 100; // of each thing in one sample

async function ns(body) {
  const { p50 } = await measure(() => {
    for (let i = 0; i < UNIT; i++) body();
  });
  return p50 / UNIT;
}

/** Median ns of a switch, and of what a stack takes beside its switches: one that comes to its end, one that is killed. */
export async function stackCosts() {
  const stacks = loadStacks();
  const parked = stacks.spawn(() => {
    for (;;) stacks.switchTo(0);
  });
  const thereAndBack = await ns(() => stacks.switchTo(parked));
  stacks.kill(parked);
  const ended = await ns(() => stacks.switchTo(stacks.spawn(() => 0)));
  const killed = await ns(() => {
    const id = stacks.spawn(() => (stacks.switchTo(0), 0));
    stacks.switchTo(id);
    stacks.kill(id);
  });
  return { switched: thereAndBack / 2, ended: ended - thereAndBack, killed: killed - thereAndBack };
}

/** Counts those of `body`. */
export function countStacks(body) {
  const stacks = loadStacks();
  const { switchTo, spawn, kill } = stacks;
  const counts = { switched: 0, ended: 0, killed: 0 };
  let spawned = 0;
  stacks.switchTo = (id) => (counts.switched++, switchTo(id));
  stacks.spawn = (entry) => (spawned++, spawn(entry));
  stacks.kill = (id) => (counts.killed++, kill(id));
  try {
    body();
  } finally {
    Object.assign(stacks, { switchTo, spawn, kill });
  }
  counts.ended = spawned - counts.killed;
  // One that ends hands over once more.
  counts.switched += counts.ended;
  return counts;
}
