/** The files of /proc that the kernel can show, by name, each as its text. Follows fs/proc/. */
import { modules_show } from '../../module/proc.js';
import { show_interrupts } from '../../irq/proc.js';
import { show_allocinfo } from './allocinfo.js';
import { buddyinfo_show } from './buddyinfo.js';
import { meminfo_show } from './meminfo.js';
import { show_slabinfo } from './slabinfo.js';
import { show_vmallocinfo } from './vmallocinfo.js';
import { zoneinfo_show } from './zoneinfo.js';

export const proc_files = {
  allocinfo: show_allocinfo,
  buddyinfo: buddyinfo_show,
  interrupts: show_interrupts,
  meminfo: meminfo_show,
  modules: modules_show,
  slabinfo: show_slabinfo,
  vmallocinfo: show_vmallocinfo,
  zoneinfo: zoneinfo_show,
} as const satisfies Record<string, () => string>;

export type ProcFile = keyof typeof proc_files;
