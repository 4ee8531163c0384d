/**
 * Random numbers. Follows drivers/char/random.c for the interface; the numbers are xoshiro128** (Blackman and Vigna,
 * 2018), seeded by the machine: the same seed gives the same numbers.
 */
import { point } from '../../arch/point.js';
import { kernel } from '../../current.js';
import { check_access } from '../../mm/kasan/kasan.js';
import { PAGE_OFFSET } from '../../mm/layout.js';
import type { Ptr } from '../../mm/pointer.js';
import { u8 } from '../../mm/ram.js';

function rotl(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

export class Random {
  private readonly s: Int32Array;

  constructor(seed: number) {
    // splitmix32: neighbouring seeds give unrelated states.
    let z = seed | 0;
    this.s = Int32Array.from({ length: 4 }, () => {
      z = (z + 0x9e3779b9) | 0;
      let t = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
      return t ^ (t >>> 15);
    });
  }

  u32(): number {
    const { s } = this;
    const result = Math.imul(rotl(Math.imul(s[1]!, 5), 7), 9);
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = rotl(s[3]!, 11);
    return result >>> 0;
  }
}

/** A number from 0 to 2^32 - 1. Context: any. */
export function get_random_u32(): number {
  point();
  return kernel.random.u32();
}

/** A number from 0 to `ceil` - 1, each as likely as any other. Context: any. */
export function get_random_u32_below(ceil: number): number {
  point();
  if (ceil <= 1) return 0;
  // Follows __get_random_u32_below(): Lemire's multiplication, with the uneven rest drawn again.
  const uneven = 0x1_0000_0000 % ceil;
  for (;;) {
    const product = BigInt(kernel.random.u32()) * BigInt(ceil);
    if (Number(product & 0xffff_ffffn) >= uneven) return Number(product >> 32n);
  }
}

/** A number from `floor` to `ceil`, both included. Context: any. */
export function get_random_u32_inclusive(floor: number, ceil: number): number {
  return floor + get_random_u32_below(ceil - floor + 1);
}

/** A number from 0 to 255. Context: any. */
export function get_random_u8(): number {
  return get_random_u32() & 0xff;
}

/** Fills `len` bytes of kernel memory. Context: any. */
export function get_random_bytes(buf: Ptr, len: number): void {
  point();
  if (!check_access(buf, len, true)) return;
  for (let i = 0; i < len; i++) u8[buf - PAGE_OFFSET + i] = kernel.random.u32() >>> 24;
}
