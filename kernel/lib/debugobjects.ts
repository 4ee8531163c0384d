/**
 * The life of kernel objects: what is active must be neither set up again nor freed. Follows lib/debugobjects.c:
 * debug_object_activate(), debug_print_object(), debug_check_no_obj_freed().
 */
import { this_cpu } from '../arch/cpu.js';
import { kernel } from '../current.js';
import { report } from '../debug/report.js';
import { ACTIVE_OBJECTS, cache_words } from '../mm/ram.js';

/** An object in kernel memory that something waits for: a pending timer, a queued work item. */
export interface debug_obj {
  readonly address: number;
  readonly object_type: 'timer_list' | 'hrtimer' | 'work_struct';
  /** The function that it stands for in a report. */
  debug_hint(): unknown;
  /** Its memory goes: makes it inactive, as the type's fixup_free() does. */
  fixup_free(): void;
}

export class DebugObjects {
  private readonly active = new Set<debug_obj>();

  activate(obj: debug_obj): void {
    this.active.add(obj);
    cache_words[ACTIVE_OBJECTS] = this.active.size;
  }

  deactivate(obj: debug_obj): void {
    this.active.delete(obj);
    cache_words[ACTIVE_OBJECTS] = this.active.size;
  }

  /** An active object in a range of addresses, the one that became active first, or null. */
  find(address: number, size: number): debug_obj | null {
    for (const obj of this.active) if (obj.address >= address && obj.address < address + size) return obj;
    return null;
  }
}

/** `what` is the operation that found the object in the wrong `state`; `hint` is the function it stands for, `active_state` what its type knows beyond that. */
export function debug_print_object(what: string, state: 'active' | 'not available', type: string, hint: unknown, active_state = 0): void {
  const name = typeof hint === 'function' ? kernel.symbol_of(hint) : '0x0';
  report('object-state', `ODEBUG: ${what} ${state} (active state ${active_state}) object type: ${type} hint: ${name}\n` +
    `WARNING: CPU: ${this_cpu.id} PID: ${this_cpu.current.pid} at lib/debugobjects.c:515 debug_print_object`);
}

/** Memory is about to be freed: active objects in it are reported and made inactive. Context: any. */
export function debug_check_no_obj_freed(address: number, size: number): void {
  for (let obj = kernel.debug_objects.find(address, size); obj !== null; obj = kernel.debug_objects.find(address, size)) {
    debug_print_object('free', 'active', obj.object_type, obj.debug_hint());
    obj.fixup_free();
    // Whatever became of it, it is this memory's no longer.
    kernel.debug_objects.deactivate(obj);
  }
}
