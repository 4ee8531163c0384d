/**
 * No run depends on what an earlier machine did: the same program on memory that nobody has used, and on memory that
 * random programs have left behind, says the same, byte for byte.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boot, type Machine } from 'ringzero';
import { __get_free_pages, alloc_page, free_pages, GFP_ATOMIC, GFP_HIGHUSER, GFP_KERNEL } from 'ringzero/linux/gfp';
import { clear_highpage, copy_highpage, kmap, kunmap } from 'ringzero/linux/highmem';
import { put_page, virt_to_page } from 'ringzero/linux/mm';
import { alloc_percpu, free_percpu, per_cpu_ptr } from 'ringzero/linux/percpu';
import { print_hex_dump, DUMP_PREFIX_ADDRESS } from 'ringzero/linux/printk';
import { call_rcu, kfree_rcu, rcu_head } from 'ringzero/linux/rcupdate';
import { kfree, kmalloc, kmem_cache_alloc, kmem_cache_create, kmem_cache_free, krealloc, SLAB_POISON, SLAB_RED_ZONE } from 'ringzero/linux/slab';
import { add_timer, timer_list, timer_setup } from 'ringzero/linux/timer';
import { load_u32, type Ptr, sizeof, store_u32, u32 } from 'ringzero/linux/types';
import { vfree, vmalloc } from 'ringzero/linux/vmalloc';
import { proc_files, type ProcFile } from '../../kernel/fs/proc/files.js';
import { PAGE_OFFSET, PAGE_SIZE } from '../../kernel/mm/layout.js';

/** What to do, with whichever of what was allocated so far, and how much. */
type Step = readonly [op: number, which: number, amount: number];

interface Held {
  readonly objects: Ptr[];
  readonly pages: [Ptr, number][];
  readonly areas: Ptr[];
  readonly percpu: ReturnType<typeof alloc_percpu>[];
}

const pick = <T>(from: readonly T[], which: number): T | undefined => from[which % from.length];
/** Where ZONE_NORMAL begins, so that one machine has been given what another only strays into. */
const wild = (which: number): Ptr => (PAGE_OFFSET + (256 + (which % 8)) * PAGE_SIZE + ((which * 52) % PAGE_SIZE)) as Ptr;

/** Freed things stay in the lists: later steps use them again. */
const steps: readonly ((held: Held, which: number, amount: number) => void)[] = [
  ({ objects }, _, amount) => { objects.push(kmalloc(amount % 9000, GFP_KERNEL)!); },
  ({ objects }, which) => { kfree(pick(objects, which) ?? null); },
  ({ objects }, which, amount) => { const p = pick(objects, which); if (p !== undefined) store_u32(p + (amount % 80), which); },
  ({ objects }, which, amount) => { const p = pick(objects, which); if (p !== undefined) load_u32(p + (amount % 8200)); },
  ({ objects }, which, amount) => { const p = pick(objects, which); if (p !== undefined) objects.push(krealloc(p, (amount % 500) + 1, GFP_KERNEL)!); },
  ({ pages }, _, amount) => { const order = amount % 4; pages.push([__get_free_pages(GFP_KERNEL, order)!, order]); },
  ({ pages }, which) => { const block = pick(pages, which); if (block !== undefined) free_pages(...block); },
  ({ pages }, which, amount) => { const block = pick(pages, which); if (block !== undefined) load_u32(block[0] + ((amount * 4) % (PAGE_SIZE << block[1]))); },
  ({ pages }, which) => { const block = pick(pages, which); if (block !== undefined) put_page(virt_to_page(block[0])); },
  ({ areas }, _, amount) => { areas.push(vmalloc((amount % 5000) + 1)!); },
  ({ areas }, which) => { vfree(pick(areas, which) ?? null); },
  ({ areas }, which, amount) => { const p = pick(areas, which); if (p !== undefined) store_u32(p + amount, which); },
  ({ percpu }) => { percpu.push(alloc_percpu(u32)); },
  ({ percpu }, which) => { free_percpu(pick(percpu, which) ?? null); },
  ({ percpu }, which, amount) => { const p = pick(percpu, which); if (p !== undefined && p !== null) store_u32(per_cpu_ptr(p, amount % 2), which); },
  ({ percpu }, which) => { const p = pick(percpu, which); if (p !== undefined && p !== null) print_hex_dump('', 'x: ', DUMP_PREFIX_ADDRESS, 16, 4, per_cpu_ptr(p, 0), 32, true); },
  (_, which) => { store_u32(wild(which), which); },
  (_, which) => { load_u32(wild(which)); },
  (_, which) => { kfree(wild(which)); },
  (_, which) => { put_page(virt_to_page(wild(which))); },
  (_, which) => { clear_highpage(virt_to_page(wild(which))); },
  (_, which, amount) => { copy_highpage(virt_to_page(wild(which)), virt_to_page(wild(amount))); },
  (_, which) => { const page = alloc_page(GFP_HIGHUSER)!; const p = kmap(page); store_u32(p, which); kunmap(page); if (which % 2 === 0) put_page(page); },
  ({ objects }, which, amount) => {
    const cache = kmem_cache_create(`cache${which}`, (amount % 200) + 8, 0, which % 2 === 0 ? SLAB_POISON | SLAB_RED_ZONE : 0, null)!;
    const p = kmem_cache_alloc(cache, GFP_ATOMIC)!;
    kmem_cache_free(cache, p);
    objects.push(p, kmem_cache_alloc(cache, GFP_ATOMIC)!);
  },
  ({ objects }, which) => { const p = pick(objects, which); if (p !== undefined) kfree_rcu(p); },
  () => { call_rcu(kmalloc(sizeof(rcu_head), GFP_KERNEL)!, (head) => { kfree(head); }); },
  ({ objects }) => { const timer = kmalloc(sizeof(timer_list), GFP_KERNEL)!; timer_setup(timer, () => undefined, 0); add_timer(timer); objects.push(timer); },
];

/** All that a test can see of a machine that runs these steps. A step may kill its task; the next has another. */
function observe(machine: Machine, program: readonly Step[]): unknown {
  const held: Held = { objects: [], pages: [], areas: [], percpu: [] };
  const outcomes: string[] = [];
  for (const [op, which, amount] of program) {
    try {
      machine.run(() => { steps[op]!(held, which, amount); });
    } catch (error) {
      // An address that nothing stands for, an allocation that failed: what it says is compared, too.
      if (!(error instanceof Error) || error.name === 'InternalError') throw error;
      outcomes.push(String(error));
      if (machine.panicked !== null) break;
    }
  }
  if (machine.panicked === null) machine.settle();
  const proc = (Object.keys(proc_files) as ProcFile[]).map((file) => machine.proc(file));
  return [outcomes, held, proc, machine.kernel.reports, machine.log(), machine.dmesg(), machine.leftovers(), machine.now(), machine.token()];
}

let size = 640;

/** The program on new memory, and then on the same after each of these histories. */
function runs(program: readonly Step[], histories: readonly (readonly Step[])[]): unknown[] {
  // Of a size that no other machine has.
  const memory = { dma: 256, normal: size++, highmem: 128 };
  const rules = { kasan: 'warn', 'page-alloc-failure': 'warn' } as const;
  const once = (steps_of: readonly Step[]): unknown => {
    const machine = boot({ cpus: 2, memory, rules });
    try {
      return observe(machine, steps_of);
    } finally {
      machine.powerOff();
    }
  };
  return [once(program), ...histories.map((history) => { once(history); return once(program); })];
}

const step = fc.tuple(fc.nat(steps.length - 1), fc.nat(15), fc.nat(9000));
const program = fc.array(step, { minLength: 5, maxLength: 40 });

test('a program says the same on memory that others have used', { timeout: 120_000 }, () => {
  fc.assert(fc.property(program, fc.array(program, { minLength: 1, maxLength: 2 }), (probe, histories) => {
    const [fresh, ...used] = runs(probe, histories);
    for (const seen of used) expect(seen).toEqual(fresh);
  }), { numRuns: 40 });
});

test('who reads what nobody was given is shown no track of an earlier machine', () => {
  // A stray write, then a second look at the same page: its record is none of this machine's.
  const stray: Step = [16, 77, 0];
  const alloc: Step = [5, 0, 3];
  const busy: Step[] = Array.from({ length: 40 }, () => alloc);
  const [fresh, used] = runs([stray, stray], [busy]);
  expect(used).toEqual(fresh);
  expect(JSON.stringify(used)).not.toMatch(/(Allocated|Freed) by task/);
});
