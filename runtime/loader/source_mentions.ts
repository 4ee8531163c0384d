/** What statements speak of that others may have changed, by the numbers of their places: reports show what was in it. */

/** A variable, or a property of what is in it. */
export interface Mention<V> {
  readonly variable: V;
  readonly property: string | null;
}

const known = new Map<number, readonly Mention<number>[]>();

/** Variables by their numbers, of kernel/arch/effects.ts. */
export function rememberMentions(site: number, mentions: readonly Mention<number>[]): void {
  if (mentions.length > 0) known.set(site, mentions);
}

export function mentionsAt(site: number): readonly Mention<number>[] {
  return known.get(site) ?? [];
}
