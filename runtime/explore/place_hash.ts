/**
 * Hashes of places and of the calls that led there. A place's number, and a call's, is that of the thread it was met in:
 * these are the same in every thread and on every machine, wherever the module's file lies.
 */
import { FRAME_NONE, unwind } from '../../kernel/arch/callstack.js';
import { SITE_NONE, site_of } from '../../kernel/arch/site.js';
import { checksumText } from '../choice/log.js';

/** By number of the site, and of the frame: neither is ever removed. */
const sites: number[] = [];
const frames: number[] = [];

export function siteHash(site: number): number {
  return (sites[site] ??= hashOfSite(site));
}

function hashOfSite(site: number): number {
  const { module, fn, file, line, column } = site_of(site);
  return checksumText(`${module} ${fn} ${file.slice(file.lastIndexOf('/') + 1)}:${line}:${column}`);
}

/** The places of the callers, innermost first, as a hash. */
export function frameHash(frame: number): number {
  return frame === FRAME_NONE ? 0 : (frames[frame] ??= checksumText(unwind(frame, SITE_NONE).map(siteHash).join(' ')));
}
