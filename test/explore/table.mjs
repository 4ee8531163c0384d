// Schedules until each known bug is found, by strategy, and whether its fix survives: the table in docs/explore.md.
// Over the program that `npm run build` makes: node test/explore/table.mjs [NAME ...]
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { explore, ExplorationFailure, KernelError } from '../../dist/runtime/index.js';

const STRATEGIES = ['portfolio', 'exhaustive', 'delay', 'pct', 'random', 'urw'];
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const bugs = JSON.parse(readFileSync(here('known_bugs.json'), 'utf8'));

/** As bugs.test.ts has it. */
const scenario = (name, { irq, faults = 0 }, fixed) => (machine) => {
  if (irq !== undefined) machine.arm(irq);
  try {
    machine.insmod(here(`bugs/${name}.ts`), { fixed });
    machine.rmmod(name);
  } catch (error) {
    if (!(error instanceof KernelError && faults > 0)) throw error;
  }
  machine.settle();
  const left = machine.leftovers();
  if (left.length > 0) throw new Error(`left behind: ${left[0].text}`);
};

function tryOut(name, strategy, fixed) {
  try {
    const { schedules, exhausted } = explore({ strategy, schedules: 10_000, faults: bugs[name].faults ?? 0 }, scenario(name, bugs[name], fixed));
    return { text: exhausted ? `no (all ${schedules})` : 'no' };
  } catch (error) {
    if (!(error instanceof ExplorationFailure)) return { text: `${error.name}: ${error.message.split('\n')[0]}` };
    return { text: String(error.found), headline: error.headline, by: error.strategy };
  }
}

const names = process.argv.slice(2);
console.log(`| bug | ${STRATEGIES.join(' | ')} | fix passes |`);
console.log(`|---|${STRATEGIES.map(() => '---:').join('|')}|---|`);
for (const name of names.length > 0 ? names : Object.keys(bugs)) {
  const cells = STRATEGIES.map((strategy) => tryOut(name, strategy, false));
  const fixed = tryOut(name, 'portfolio', true);
  const passes = fixed.text.startsWith('no') ? 'yes' + fixed.text.slice(2) : `FAILS at ${fixed.text}: ${fixed.headline ?? ''}`;
  console.log(`| ${name} | ${cells.map(({ text, by }, i) => (i === 0 && by !== undefined ? `${text} (${by})` : text)).join(' | ')} | ${passes} |`);
  if (process.env.VERBOSE) console.log(`    ${cells.find(({ headline }) => headline)?.headline}`);
}
