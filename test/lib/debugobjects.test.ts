import { afterEach, expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { msleep } from 'ringzero/linux/delay';
import { CLOCK_MONOTONIC, HRTIMER_MODE_REL, HRTIMER_NORESTART, hrtimer, hrtimer_cancel, hrtimer_init, hrtimer_start } from 'ringzero/linux/hrtimer';
import { HZ, jiffies } from 'ringzero/linux/jiffies';
import { preempt_disable, preempt_enable } from 'ringzero/linux/preempt';
import { __get_free_page, free_page, GFP_KERNEL, kfree, kmalloc, kmem_cache_alloc, kmem_cache_create, kmem_cache_free } from 'ringzero/linux/slab';
import { spin_lock, spin_lock_init, spin_unlock, spinlock_t } from 'ringzero/linux/spinlock';
import { del_timer, mod_timer, timer_list, type timer_ptr, timer_setup } from 'ringzero/linux/timer';
import { type Ptr, sizeof, struct, u32 } from 'ringzero/linux/types';
import { vfree, vmalloc } from 'ringzero/linux/vmalloc';
import { flush_work, INIT_WORK, schedule_work, work_struct } from 'ringzero/linux/workqueue';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

const headlines = (): string[] => machine.kernel.reports.map(({ headline }) => headline.split('\n')[0]!);

function arm(t: timer_ptr): void {
  timer_setup(t, function cb() {
    throw new Error('the timer of freed memory ran');
  }, 0);
  mod_timer(t, jiffies + HZ);
}

const dog = struct('dog', { name: u32, t: timer_list });

test('a pending timer is found in whatever memory it is freed with, and is stopped', () => {
  machine = boot();
  machine.run(() => {
    const small = kmalloc(sizeof(dog), GFP_KERNEL)!;
    arm(dog.at(small).t);
    kfree(small);
    const cache = kmem_cache_create('dogs', sizeof(dog), 0, 0, null)!;
    const cached = kmem_cache_alloc(cache, GFP_KERNEL) as Ptr as typeof small;
    arm(dog.at(cached).t);
    kmem_cache_free(cache, cached as Ptr);
    const large = kmalloc<typeof dog>(65536, GFP_KERNEL)!;
    arm((large as number + 50_000) as timer_ptr);
    kfree(large);
    const page = __get_free_page(GFP_KERNEL);
    arm(page as number as timer_ptr);
    free_page(page);
    const mapped = vmalloc(10_000)!;
    arm((mapped as number + 5000) as timer_ptr);
    vfree(mapped);
    msleep(1500);
  });
  expect(headlines()).toEqual(new Array(5).fill('ODEBUG: free active (active state 0) object type: timer_list hint: cb'));
});

test('an active hrtimer, and a queued work item, which is waited for', () => {
  machine = boot({ rules: { 'sleep-in-atomic': 'warn' } });
  machine.run(() => {
    const t = kmalloc(sizeof(hrtimer), GFP_KERNEL)!;
    hrtimer_init(t, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
    hrtimer.at(t).function = function tick() {
      return HRTIMER_NORESTART;
    };
    hrtimer_start(t, 1_000_000, HRTIMER_MODE_REL);
    kfree(t);
    const w = kmalloc(sizeof(work_struct), GFP_KERNEL)!;
    INIT_WORK(w, function job() {
      throw new Error('the work of freed memory ran');
    });
    preempt_disable();
    schedule_work(w);
    kfree(w);
    preempt_enable();
    msleep(10);
  });
  expect(headlines()).toEqual([
    'ODEBUG: free active (active state 0) object type: hrtimer hint: tick',
    'ODEBUG: free active (active state 0) object type: work_struct hint: job',
    'BUG: sleeping function called from invalid context at kernel/workqueue.c:3017',
  ]);
});

test('a held lock', () => {
  machine = boot({ rules: { 'object-state': 'panic' } });
  expect(() => {
    machine.run(() => {
      const lock = kmalloc(sizeof(spinlock_t), GFP_KERNEL)!;
      spin_lock_init(lock);
      spin_lock(lock);
      kfree(lock);
    });
  }).toThrow('held lock freed!');
});

test('what is no longer active is free to go', () => {
  machine = boot();
  machine.run(() => {
    const [a, b] = [kmalloc(sizeof(dog), GFP_KERNEL)!, kmalloc(sizeof(dog), GFP_KERNEL)!];
    arm(dog.at(a).t);
    arm(dog.at(b).t);
    del_timer(dog.at(a).t);
    kfree(a);
    timer_setup(dog.at(b).t, () => undefined, 0);
    del_timer(dog.at(b).t);
    mod_timer(dog.at(b).t, jiffies + 1);
    msleep(50);
    kfree(b);
    const t = kmalloc(sizeof(hrtimer), GFP_KERNEL)!;
    hrtimer_init(t, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
    hrtimer_start(t, 1_000_000_000, HRTIMER_MODE_REL);
    hrtimer_cancel(t);
    kfree(t);
    const w = kmalloc(sizeof(work_struct), GFP_KERNEL)!;
    let ran = 0;
    INIT_WORK(w, () => {
      ran++;
    });
    schedule_work(w);
    flush_work(w);
    kfree(w);
    const held = kmalloc(sizeof(spinlock_t), GFP_KERNEL)!;
    spin_lock_init(held);
    const other = kmalloc(64, GFP_KERNEL);
    spin_lock(held);
    kfree(other);
    spin_unlock(held);
    kfree(held);
    expect(ran).toBe(1);
  });
  // The second timer was set up again while it was pending.
  expect(headlines()).toEqual(['ODEBUG: init active (active state 0) object type: timer_list hint: cb']);
});
