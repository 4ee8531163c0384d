/** The lines that say how far an exploration has come. */
import type { Census } from '../explore/census.js';
import { count } from '../explore/errors.js';
import type { Limits } from '../explore/options.js';
import type { Part } from '../explore/part.js';
import { portion } from '../explore/share.js';

/** `1180 different schedules, 9000 points of choice in 24 contexts and 3 lock states`. */
export function countsOf({ steps }: Part, { schedules, contexts, lockStates }: Census): string {
  return `${schedules.size} different schedules, ${steps} points of choice in ${count(contexts.size, 'context')} and ${count(lockStates.size, 'lock state')}`;
}

/** `1200 schedules, 1180 different, 600 a second, 15 s left`. */
export function progressLine(limits: Limits, part: Part, distinct: number, elapsed_ms: number): string {
  const { schedules } = part;
  const rate = elapsed_ms > 0 ? (schedules * 1000) / elapsed_ms : 0;
  const left = timeLeft(limits, part, rate, elapsed_ms);
  return `${schedules} schedules, ${distinct} different, ${Math.round(rate)} a second${left === '' ? '' : `, ${left} left`}`;
}

function timeLeft(limits: Limits, { schedules, left }: Part, rate: number, elapsed_ms: number): string {
  const box_ms = Math.max(0, limits.milliseconds - elapsed_ms);
  if (schedules === 0) return box_ms === Infinity ? '' : showSeconds(box_ms);
  const bounded = limits.strategy === 'exhaustive' || limits.strategy === 'delay';
  const allowed = portion(limits.share, limits.schedules) - schedules;
  // Schedules that are known lead to others: there are these at least, and at most as many as are allowed.
  const known_ms = ((bounded ? Math.min(left, allowed) : allowed) / rate) * 1000;
  if (box_ms <= known_ms) return showSeconds(box_ms);
  return bounded && left < allowed ? `at least ${showSeconds(known_ms)}` : showSeconds(known_ms);
}

function showSeconds(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}
