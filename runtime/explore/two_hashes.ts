/** Two hashes that know nothing of each other, a word at a time: together they tell millions of things apart. */

export const LOW_START = 0x811c9dc5 | 0;
export const HIGH_START = 0x9e3779b9 | 0;

export function low(sum: number, word: number): number {
  const mixed = Math.imul(sum ^ word, 0x01000193);
  return mixed ^ (mixed >>> 15);
}

export function high(sum: number, word: number): number {
  const mixed = Math.imul(sum ^ (word + 0x7f4a7c15), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}
