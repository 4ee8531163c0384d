/** The mission's table: allocation flags by context. Whether an allocation would have slept plays no part. */
import { expect, test } from 'ringzero/vitest';
import {
  __free_pages, __GFP_DIRECT_RECLAIM, __GFP_HIGH, __GFP_NOFAIL, __GFP_NOWARN, __GFP_WAIT, __GFP_ZERO, alloc_pages, GFP_ATOMIC, GFP_DMA, GFP_HIGHUSER,
  GFP_KERNEL, GFP_NOFS, GFP_NOIO, GFP_NOWAIT, GFP_USER, kfree, kmalloc,
} from 'ringzero/linux/slab';
import { type Context, contexts } from './contexts.js';

const flags: readonly { readonly name: string; readonly gfp: number; readonly sleeps: boolean }[] = [
  { name: 'GFP_ATOMIC', gfp: GFP_ATOMIC, sleeps: false },
  { name: 'GFP_NOWAIT', gfp: GFP_NOWAIT, sleeps: false },
  { name: 'GFP_DMA', gfp: GFP_DMA, sleeps: false },
  { name: 'GFP_DMA | GFP_ATOMIC', gfp: GFP_DMA | GFP_ATOMIC, sleeps: false },
  { name: 'GFP_ATOMIC | __GFP_ZERO | __GFP_NOWARN', gfp: GFP_ATOMIC | __GFP_ZERO | __GFP_NOWARN, sleeps: false },
  { name: 'no flag at all', gfp: 0, sleeps: false },
  { name: 'GFP_NOIO', gfp: GFP_NOIO, sleeps: true },
  { name: 'GFP_NOFS', gfp: GFP_NOFS, sleeps: true },
  { name: 'GFP_KERNEL', gfp: GFP_KERNEL, sleeps: true },
  { name: 'GFP_USER', gfp: GFP_USER, sleeps: true },
  { name: 'GFP_HIGHUSER', gfp: GFP_HIGHUSER, sleeps: true },
  { name: 'GFP_DMA | GFP_KERNEL', gfp: GFP_DMA | GFP_KERNEL, sleeps: true },
  { name: 'GFP_KERNEL | __GFP_NOFAIL', gfp: GFP_KERNEL | __GFP_NOFAIL, sleeps: true },
  { name: 'GFP_KERNEL | __GFP_HIGH', gfp: GFP_KERNEL | __GFP_HIGH, sleeps: true },
  { name: 'GFP_ATOMIC | __GFP_WAIT', gfp: GFP_ATOMIC | __GFP_WAIT, sleeps: true },
  { name: '__GFP_DIRECT_RECLAIM', gfp: __GFP_DIRECT_RECLAIM, sleeps: true },
];

/** kmalloc() refuses high memory, so that page comes from the page allocator. */
function allocate(gfp: number): void {
  if (gfp === GFP_HIGHUSER) {
    const page = alloc_pages(gfp, 0);
    if (page !== null) __free_pages(page, 0);
  } else kfree(kmalloc(64, gfp));
}

function headline({ report }: Context): RegExp {
  const { in_atomic, irqs_disabled, non_block = 0, rcu = 0 } = report!;
  return new RegExp(
    '^BUG: sleeping function called from invalid context at include/linux/sched/mm\\.h:\\d+\n' +
      `in_atomic\\(\\): ${in_atomic}, irqs_disabled\\(\\): ${irqs_disabled}, non_block: ${non_block}, pid: \\d+, name: \\S+\n` +
      `preempt_count: ${in_atomic === 1 ? '[1-9a-f][0-9a-f]*' : '0'}, expected: 0\n` +
      `RCU nest depth: ${rcu}, expected: 0$`,
  );
}

for (const context of contexts) {
  test.describe(context.name, () => {
    for (const { name, gfp, sleeps } of flags) {
      const mayAllocate = !sleeps || context.report === null;
      test(`${name} ${mayAllocate ? 'is silent' : 'panics'}`, ({ machine }) => {
        let allocated = false;
        const enter = (): void => {
          context.enter(machine, () => {
            allocate(gfp);
            allocated = true;
          });
        };
        if (mayAllocate) {
          enter();
          expect(machine.headlines()).toEqual([]);
        } else {
          expect(enter).toPanic('BUG: sleeping function called from invalid context');
          expect(machine.headlines()).toEqual([expect.stringMatching(headline(context))]);
        }
        expect(allocated).toBe(mayAllocate);
      });
    }
  });
}
