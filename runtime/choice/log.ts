/**
 * The log of choices. Only what departs from the usual is kept, so a run that nothing disturbed has an empty log:
 *
 * - a pick: how many picks were passed over since the last entry, the kind, the number of ways, the way taken
 * - a preemption: how much code ran since the last entry (ns, all CPUs together), the number of ways, the way taken
 * - one behind an armed interrupt, before what that came upon goes on: how many such occasions were passed over since the
 *   last entry, and the same. By the time it could not be told from one at the interrupt's last point
 *
 * Each entry carries a byte of a running checksum over everything asked so far, so that a token that is replayed
 * against another program is refused at the first entry that does not fit.
 */
import type { ChoiceKind } from '../../kernel/arch/arch.js';

/** The kinds of an entry, by number: what a token has must not change its meaning. */
export const KINDS: readonly (ChoiceKind | 'preemption' | 'preemption behind an interrupt')[] = [
  'cpu', 'irq', 'task', 'alloc', 'device', 'random', 'preemption', 'timer', 'preemption behind an interrupt',
  'line', 'late', 'settle',
];

/** What an entry's `kind` says for a preemption. */
export const PREEMPTION = KINDS.indexOf('preemption');
export const BEHIND_IRQ = KINDS.indexOf('preemption behind an interrupt');

export interface LogEntry {
  readonly kind: number;
  /** Picks passed over, or ns run, or occasions passed over, since the entry before. */
  readonly distance: number;
  readonly ways: number;
  readonly way: number;
  readonly check: number;
}

/** One step of the running checksum (FNV-1a over 32-bit words). */
export function checksum(sum: number, word: number): number {
  return Math.imul(sum ^ word, 0x01000193);
}

export const CHECKSUM_START = 0x811c9dc5 | 0;

/** FNV-1a of a text, for what the machine was built from and what was loaded into it. */
export function checksumText(text: string): number {
  let sum = CHECKSUM_START;
  for (let i = 0; i < text.length; i++) sum = checksum(sum, text.charCodeAt(i));
  return sum;
}
