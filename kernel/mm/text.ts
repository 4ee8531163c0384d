/** Strings in kernel memory: bytes up to a zero, read with KASAN's checks, and UTF-8 at the border to JavaScript. */
import { check_access } from './kasan/kasan.js';
import { initialised, shadow, u8 } from './ram.js';
import { offset_of } from './kasan/record.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encode(text: string): Uint8Array {
  return encoder.encode(text);
}

export function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/**
 * Bytes before the terminator, at most `max`. Every byte read is checked, and the first bad one is reported;
 * reading goes on past it as long as there is RAM. No preemption point.
 */
export function strlen_at(addr: number, max: number): number {
  let reported = false;
  for (let length = 0; ; length++) {
    if (length >= max) return length;
    const offset = offset_of(addr + length);
    if (shadow_forbids(offset)) {
      if (!reported && !check_access(addr + length, 1, false)) return length;
      reported = true;
      if (offset >= u8.length) return length;
    }
    if (initialised !== null) check_access(addr + length, 1, false);
    if (u8[offset] === 0) return length;
  }
}

function shadow_forbids(offset: number): boolean {
  const value = shadow[offset >>> 3] ?? -1;
  return value !== 0 && (offset & 7) >= value;
}
