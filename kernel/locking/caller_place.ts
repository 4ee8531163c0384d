/** The module's place that called a macro: reports of macros name the user's line, not the kernel's. */
import { FRAME, pc, SITE, unwind } from '../arch/callstack.js';
import { site_of } from '../arch/site.js';

/** "FILE:LINE FUNCTION". */
export function caller_place(): string {
  const [place] = unwind(pc[FRAME]!, pc[SITE]!);
  if (place === undefined) return '(host code)';
  const { file, line, fn } = site_of(place);
  return `${file}:${line} ${fn}`;
}

/** "FILE:LINE", as __FILE__ and __LINE__ give it. */
export function caller_line(): string {
  const [place] = unwind(pc[FRAME]!, pc[SITE]!);
  if (place === undefined) return '(host code)';
  const { file, line } = site_of(place);
  return `${file}:${line}`;
}
