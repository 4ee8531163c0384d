// Where the time of a pair of kmalloc() and kfree() goes: what it takes without each of its parts. The parts are cut out of the
// text of the bundle; a part that is not found there any more is an error.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHORT } from './measure.mjs';

const build = join(import.meta.dirname, '../../../build');
const whole = join(build, 'bench');
const FILE = 'runtime/ringzero.js';

const text = readFileSync(join(whole, FILE), 'utf8');
const begin = text.indexOf('\nfunction kmalloc(size, gfp) {');
const end = text.indexOf('\nfunction free_object(');

const ALLOC_RECORD = /^\trecords\[record \+ (?:BY_FRAME|BY_SITE|BY_PID|BYTES|WHEN|NUMBER)\b.* = .*;\n/gm;
const FREE_RECORD = /^\trecords\[record \+ FREED_\w+\b.* = .*;\n/gm;
const POINTS = /^\t(?:point\(\)|access_point\(p, \w+\S*\));\n/gm;
const CONTEXT = /^\tmight_alloc\(gfp\);\n/gm;
const IN_USE = /^\tif \(\(words\[WORD_ACTIVE.*is_in_use\(.*\{\n.*\n.*\n\t\}\n/gm;
const FREE_SHADOW = /^\t+(?:granules\[first.*\] = FREE.*;|for \(let i = 2;.*granules\[first \+ i\] = FREE_WORD.*;)\n/gm;
/** Without what marks an object as free, nothing has to mark it as live. */
const SHADOW = /^\t+(?:granules\[first.*\] = .*;|for \(let i = 2;.*granules\[first \+ i\] = .*;)\n/gm;
const ARGUMENTS = /^\tif \(size >>> 0 !== size .*\n/gm;

/** Name, what is cut out, how many pieces that is. */
const PARTS = [
  ['nothing', [], 0],
  ['the check of the arguments', [ARGUMENTS], 1],
  ['preemption points', [POINTS], 2],
  ['the check of the context', [CONTEXT], 1],
  ['who allocated it, when, and its number', [ALLOC_RECORD], 6],
  ['who freed it', [FREE_RECORD], 3],
  ['whether it holds a lock or an active object', [IN_USE], 1],
  ["the shadow of what is free", [FREE_SHADOW], 3],
  ['all shadow', [SHADOW], 6],
  ['all of these but the arguments', [POINTS, CONTEXT, ALLOC_RECORD, FREE_RECORD, IN_USE, SHADOW], 19],
];

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

/** A copy of the bundle without it, measured in processes of its own. */
function without(cuts, pieces) {
  const folder = join(build, 'bench-cut');
  let found = 0;
  const code = cuts.reduce((rest, cut) => rest.replace(cut, () => (found++, '')), text.slice(begin, end));
  if (begin < 0 || end < begin || found !== pieces) throw new Error(`kmalloc() and kfree() are not what pair_parts.mjs takes apart: ${found} of ${pieces} pieces of ${cuts.join(', ')}`);
  cpSync(whole, folder, { recursive: true });
  try {
    writeFileSync(join(folder, FILE), text.slice(0, begin) + code + text.slice(end));
    const runs = (SHORT ? [1] : [1, 2, 3, 4, 5]).map(() => execFileSync(process.execPath, [join(import.meta.dirname, 'pair.mjs'), folder], { encoding: 'utf8' }).split(' ').map(Number));
    return [0, 1].map((i) => median(runs.map((run) => run[i])));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Prints the table. */
export function pairParts() {
  let full = 0;
  console.log('\na pair of kmalloc() and kfree() of 64 bytes, ns at best           without it   it takes   @thi.ng/malloc   times');
  for (const [name, cuts, pieces] of PARTS) {
    const [ours, theirs] = without(cuts, pieces);
    if (cuts.length === 0) full = ours;
    const takes = cuts.length === 0 ? '' : (full - ours).toFixed(1);
    console.log(`  ${name.padEnd(64)}${ours.toFixed(1).padStart(10)}${takes.padStart(11)}${theirs.toFixed(1).padStart(17)}${(ours / theirs).toFixed(2).padStart(8)}`);
  }
}
