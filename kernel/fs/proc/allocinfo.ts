/**
 * /proc/allocinfo: live memory by the place that asked for it. Linux 6.10 and later: lib/alloc_tag.c,
 * allocinfo_show(), alloc_tag_to_text(); lib/codetag.c, codetag_to_text().
 */
import { unwind } from '../../arch/callstack.js';
import { site_of } from '../../arch/site.js';
import { for_each_object } from '../../mm/slab/object.js';

/** The text of the file: largest first, where Linux has no order. Context: any. */
export function show_allocinfo(): string {
  const tags = new Map<string, { bytes: number; calls: number }>();
  for_each_object(({ size, frame, site }) => {
    const place = unwind(frame, site).map(site_of).find(({ file }) => file !== '');
    const tag = place === undefined ? 'host:0 func:(host)' : `${place.file}:${place.line}${place.module === '' ? '' : ` [${place.module}]`} func:${place.fn}`;
    const sum = tags.get(tag) ?? { bytes: 0, calls: 0 };
    tags.set(tag, { bytes: sum.bytes + size, calls: sum.calls + 1 });
  });
  const rows = [...tags].sort(([, a], [, b]) => b.bytes - a.bytes || b.calls - a.calls);
  return [
    'allocinfo - version: 1.0',
    '#     <size>  <calls> <tag info>',
    ...rows.map(([tag, { bytes, calls }]) => `${String(bytes).padStart(12)} ${String(calls).padStart(8)} ${tag}`),
  ].map((line) => `${line}\n`).join('');
}
