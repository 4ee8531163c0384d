// scenario: defer_hrtimer_cancel_self
// family: defer
// context: hardirq
// what: hrtimer_cancel from its own callback
import { msleep } from 'ringzero/linux/delay';
import { CLOCK_MONOTONIC, hrtimer, hrtimer_cancel, hrtimer_init, HRTIMER_MODE_REL, HRTIMER_NORESTART, type hrtimer_restart, hrtimer_start } from 'ringzero/linux/hrtimer';
import { ms_to_ktime } from 'ringzero/linux/ktime';
import { GFP_KERNEL, kzalloc } from 'ringzero/linux/slab';
import { type PtrTo, sizeof } from 'ringzero/linux/types';
import { ORACLE_MODULE } from './oracle.js';

function cb(): hrtimer_restart {
  hrtimer_cancel(t!);
  return HRTIMER_NORESTART;
}

let t: PtrTo<typeof hrtimer> | null = null;

function run(): number {
  t = kzalloc(sizeof(hrtimer), GFP_KERNEL)!;
  hrtimer_init(t, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
  hrtimer.at(t).function = cb;
  hrtimer_start(t, ms_to_ktime(5), HRTIMER_MODE_REL);
  msleep(200);
  return 0;
}

ORACLE_MODULE(run);
