/** Follows include/linux/kern_levels.h: a message may start with SOH and a digit that is its level. */
export const KERN_SOH = '\x01';

export const LOGLEVEL_EMERG = 0;
export const LOGLEVEL_ALERT = 1;
export const LOGLEVEL_CRIT = 2;
export const LOGLEVEL_ERR = 3;
export const LOGLEVEL_WARNING = 4;
export const LOGLEVEL_NOTICE = 5;
export const LOGLEVEL_INFO = 6;
export const LOGLEVEL_DEBUG = 7;
/** What a message without a level has. */
export const MESSAGE_LOGLEVEL_DEFAULT = LOGLEVEL_WARNING;
/** Messages below this number reach the console. */
export const CONSOLE_LOGLEVEL_DEFAULT = 7;

