/** The referee's own eyesight. */
import { expect, test } from 'vitest';
import { differences, normalised } from './compare.js';
import { type Verdict, verdicts } from './verdicts.js';

const verdict = (name: string): Verdict => verdicts.find((one) => one.name === name)!;

test('what is left out of a comparison', () => {
  expect(normalised('BUG: scheduling while atomic: insmod/38/0x00000002')).toBe(normalised('BUG: scheduling while atomic: kworker/0:2/7/0x00000003'));
  expect(normalised('WARNING: CPU: 0 PID: 38 at mod_init_warn.c:9 orc_init+0xc/0x1000 [mod_init_warn]')).toBe(
    normalised('WARNING: CPU: 1 PID: 2 at test/conformance/scenarios/mod_init_warn.ts:9 run'),
  );
  expect(normalised('BUG: KASAN: use-after-free in kthread_stop+0x69/0x2e0')).toBe(normalised('BUG: KASAN: use-after-free in run [x]'));
});

test('what is not', () => {
  expect(normalised('WARNING: CPU: 0 PID: 1 at mm/a.c:1 one+0x1/0x2')).not.toBe(normalised('WARNING: CPU: 0 PID: 1 at mm/a.c:1 other+0x1/0x2'));
  expect(normalised('WARNING: CPU: 0 PID: 1 at lib/a.c:1 one.part.0.cold+0x1/0x2')).toBe(normalised('WARNING: CPU: 0 PID: 1 at lib/a.c:1 one'));
  expect(normalised('vfree() of (____ptrval____)')).toBe(normalised('vfree() of 40400000'));
  expect(normalised('BUG: KASAN: use-after-free in f')).not.toBe(normalised('BUG: KASAN: slab-out-of-bounds in f'));
  expect(normalised('BUG: scheduling while atomic: a/1/0x1')).not.toBe(normalised('BUG: sleeping function called from invalid context at a.c:1'));
  expect(normalised('Unbalanced enable for IRQ 24')).not.toBe(normalised('Flags mismatch irq 24'));
});

test('each kind of difference is seen', () => {
  const spin = verdict('alloc_kernel_spin');
  expect(differences(spin)).toEqual([]);
  expect(differences({ ...spin, verdict: 'silent', first: null })).toEqual([expect.stringMatching(/^the real kernel was silent, ours reported: BUG/)]);
  expect(differences({ ...spin, first: 'BUG: scheduling while atomic: insmod/38/0x00000002' })).toEqual([expect.stringMatching(/^headline: /)]);
  expect(differences({ ...spin, said: ['p NULL'] })).toEqual([expect.stringMatching(/^said: /)]);

  expect(differences({ ...spin, insmodReturned: false })).toEqual([expect.stringMatching(/^insmod returned, in the real kernel it did not/)]);
  expect(differences({ ...spin, errnos: ['insmod alloc_kernel_spin.ko: ENOMEM'] })).toEqual([expect.stringMatching(/^errnos: /)]);

  const busy = verdict('irq_busy');
  expect(differences({ ...busy, errnos: ['insmod irq_busy.ko: EINVAL'] })).toEqual([expect.stringMatching(/^errnos: /)]);
  expect(differences({ ...verdict('irq_ok'), verdict: 'warning', first: 'Unbalanced enable for IRQ 24' })).toEqual([expect.stringMatching(/^ours was silent/)]);
});
