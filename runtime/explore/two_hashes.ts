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

/** Each bit of the word changes each bit of the result, more or less. The finisher of lowbias32 (Wellons, 2018). */
export function scatter(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
