/** /proc/modules. Follows kernel/module/procfs.c, m_show(). */
import { kernel } from '../current.js';
import { static_area } from '../mm/static_area.js';
import { MODULE_STATE_COMING, MODULE_STATE_GOING, MODULE_STATE_UNFORMED, type module } from './module.js';

function state_of(mod: module): string {
  if (mod.state === MODULE_STATE_GOING) return 'Unloading';
  return mod.state === MODULE_STATE_COMING || mod.state === MODULE_STATE_UNFORMED ? 'Loading' : 'Live';
}

/** Name, bytes of static data, use count, users, state: the newest module first, as Linux lists them. */
export function modules_show(): string {
  return [...kernel.modules.all()]
    .reverse()
    .map((mod) => {
      const bytes = static_area(mod.name)?.variables.reduce((sum, { size }) => sum + size, 0) ?? 0;
      const users = mod.users.length === 0 ? '-' : `${mod.users.map(({ name }) => name).join(',')},`;
      return `${mod.name} ${bytes} ${mod.refcount()} ${users} ${state_of(mod)} (O)`;
    })
    .join('\n');
}
