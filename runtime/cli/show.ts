/** Texts and times as people read them. */

/** The lines of some bytes, each with a bar before it; what a terminal would obey is shown, not sent. */
export function showText(bytes: Uint8Array, { columns, lines = Infinity }: { columns: number; lines?: number }): string[] {
  const all = new TextDecoder().decode(bytes).replace(/\n$/, '').split('\n');
  const shown = all.slice(0, lines).map((line) => `  | ${clip(visible(line), columns - 4)}`);
  if (all.length > shown.length) shown.push(`  | ... (${all.length - shown.length} more lines)`);
  return shown;
}

/** Control characters as their pictures of Unicode's block 2400. */
function visible(line: string): string {
  return line.replace(/\t/g, '    ').replace(/[\0-\x1f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0))).replace(/[\x7f-\x9f]/g, '\u2421');
}

function clip(line: string, columns: number): string {
  const characters = [...line];
  return characters.length <= columns ? line : `${characters.slice(0, Math.max(0, columns - 1)).join('')}\u2026`;
}

/** A time in ns with three digits that count. */
export function showTime(ns: number): string {
  for (const [unit, size] of [['s', 1e9], ['ms', 1e6], ['us', 1e3]] as const) if (ns >= size) return `${Number((ns / size).toPrecision(3))} ${unit}`;
  return `${ns} ns`;
}

export function showCount(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
