/** Memory that is mapped for a device. */
import { afterEach, expect, test } from 'vitest';
import { boot, type BootOptions, type Machine } from 'ringzero';
import { dma_debug_device_change } from '../../kernel/dma/debug.js';
import { dma_read, dma_write } from '../../kernel/dma/bus.js';
import {
  device, dma_alloc_coherent, DMA_BIDIRECTIONAL, DMA_BIT_MASK, dma_free_coherent, DMA_FROM_DEVICE, dma_map_single, dma_mapping_error, DMA_MAPPING_ERROR, dma_set_mask,
  dma_set_mask_and_coherent, dma_sync_single_for_cpu, dma_sync_single_for_device, DMA_TO_DEVICE, dma_unmap_single,
} from 'ringzero/linux/dma-mapping';
import { GFP_DMA, GFP_KERNEL, kfree, kmalloc } from 'ringzero/linux/slab';
import { bytes, memset } from 'ringzero/linux/string';
import { load_u32, load_u8, type Ptr, store_u32, store_u8 } from 'ringzero/linux/types';
import { vfree, vmalloc } from 'ringzero/linux/vmalloc';

let machine: Machine;
afterEach(() => {
  machine.powerOff();
});

const WHO = 'DMA-API: dog 0000:00:03.0: ';

function run(fn: (dev: device) => void, options: BootOptions = {}): string[] {
  machine = boot(options);
  machine.run(() => {
    fn(new device('0000:00:03.0', 'dog'));
  });
  return machine.headlines().map((line) => line.split('\n')[0]!.replace(WHO, '').replace(/=0x[0-9a-f]+/g, '=N'));
}

/** A mapping that was asked about. */
function map(dev: device, p: Ptr, size: number, direction: number): number {
  const addr = dma_map_single(dev, p, size, direction);
  expect(dma_mapping_error(dev, addr)).toBe(0);
  return addr;
}

test('the device reads what the CPU wrote, and the CPU what the device wrote', () => {
  const said = run((dev) => {
    const p = kmalloc(100, GFP_KERNEL)!;
    memset(p, 7, 100);
    const out = map(dev, p, 100, DMA_TO_DEVICE);
    expect(dma_read(dev, out + 99, 1)[0]).toBe(7);
    expect(load_u8(p)).toBe(7);
    dma_unmap_single(dev, out, 100, DMA_TO_DEVICE);
    const into = map(dev, p, 100, DMA_FROM_DEVICE);
    dma_write(dev, into, new Uint8Array(100).fill(9));
    dma_sync_single_for_cpu(dev, into, 100, DMA_FROM_DEVICE);
    expect([...bytes(p, 100)]).toEqual(new Array(100).fill(9));
    dma_sync_single_for_device(dev, into, 100, DMA_FROM_DEVICE);
    dma_unmap_single(dev, into, 100, DMA_FROM_DEVICE);
    store_u32(p, 1);
    kfree(p);
  });
  expect(said).toEqual([]);
  expect(machine.leftovers()).toEqual([]);
});

test('a device of 24 bits reaches ZONE_DMA and nothing else', () => {
  const said = run((dev) => {
    expect(dma_set_mask(dev, DMA_BIT_MASK(20))).toBe(-5);
    expect(dma_set_mask_and_coherent(dev, DMA_BIT_MASK(24))).toBe(0);
    const far = kmalloc(64, GFP_KERNEL)!;
    expect(dma_map_single(dev, far, 64, DMA_TO_DEVICE)).toBe(DMA_MAPPING_ERROR);
    expect(dma_mapping_error(dev, DMA_MAPPING_ERROR)).toBe(-12);
    const near = kmalloc(64, GFP_KERNEL | GFP_DMA)!;
    dma_unmap_single(dev, map(dev, near, 64, DMA_TO_DEVICE), 64, DMA_TO_DEVICE);
    const ring = dma_alloc_coherent(dev, 5000, GFP_KERNEL)!;
    expect(ring.dma_handle + 5000).toBeLessThanOrEqual(1 << 24);
    expect(bytes(ring.cpu_addr, 5000).every((byte) => byte === 0)).toBe(true);
    store_u32(ring.cpu_addr, 77);
    expect(new DataView(dma_read(dev, ring.dma_handle, 4).buffer).getUint32(0, true)).toBe(77);
    dma_write(dev, ring.dma_handle, Uint8Array.of(78));
    expect(load_u32(ring.cpu_addr)).toBe(78);
    dma_free_coherent(dev, 5000, ring.cpu_addr, ring.dma_handle);
    kfree(far);
    kfree(near);
  });
  expect(said).toEqual([expect.stringMatching(/^dog 0000:00:03\.0: DMA addr 0x\w+\+64 overflow \(mask ffffff, bus limit 0\)\.$/)]);
  expect(machine.leftovers()).toEqual([]);
});

test.each([
  ['another size', (dev: device, a: number) => { dma_unmap_single(dev, a, 128, DMA_TO_DEVICE); }, 'device driver frees DMA memory with different size [device address=N] [map size=256 bytes] [unmap size=128 bytes]'],
  ['another direction', (dev: device, a: number) => { dma_unmap_single(dev, a, 256, DMA_FROM_DEVICE); }, 'device driver frees DMA memory with different direction [device address=N] [size=256 bytes] [mapped with DMA_TO_DEVICE] [unmapped with DMA_FROM_DEVICE]'],
  ['what was not mapped', (dev: device, a: number) => { dma_unmap_single(dev, a + 4, 256, DMA_TO_DEVICE); }, 'device driver tries to free DMA memory it has not allocated [device address=N] [size=256 bytes]'],
  ['another device', (_dev: device, a: number) => { dma_unmap_single(new device('0000:00:03.0', 'dog'), a, 256, DMA_TO_DEVICE); }, 'device driver tries to free DMA memory it has not allocated [device address=N] [size=256 bytes]'],
  ['the wrong function', (dev: device, a: number, p: Ptr) => { dma_free_coherent(dev, 256, p, a); }, 'device driver frees DMA memory with wrong function [device address=N] [size=256 bytes] [mapped as single] [unmapped as coherent]'],
  ['a failed mapping', (dev: device) => { dma_unmap_single(dev, DMA_MAPPING_ERROR, 256, DMA_TO_DEVICE); }, 'device driver tries to free an invalid DMA memory address'],
  ['nobody asked', (dev: device, _a: number, p: Ptr) => { dma_unmap_single(dev, dma_map_single(dev, (p + 256) as Ptr, 64, DMA_TO_DEVICE), 64, DMA_TO_DEVICE); }, 'device driver failed to check map error[device address=N] [size=64 bytes] [mapped as single]'],
  ['mapped twice', (dev: device, _a: number, p: Ptr) => { map(dev, p, 64, DMA_FROM_DEVICE); }, "cacheline tracking EEXIST, overlapping mappings aren't supported"],
  ['a write of the CPU', (_dev: device, _a: number, p: Ptr) => { store_u8(p + 8, 1); }, expect.stringContaining('cpu touching an active dma mapped cacheline [cln=N] [write of 1 bytes')],
  ['a memset of the CPU', (_dev: device, _a: number, p: Ptr) => { memset(p, 1, 512); }, expect.stringContaining('cpu touching an active dma mapped cacheline [cln=N] [write of 512 bytes')],
  ['synced too far', (dev: device, a: number) => { dma_sync_single_for_cpu(dev, a + 200, 100, DMA_TO_DEVICE); }, 'device driver syncs DMA memory outside allocated range [device address=N] [allocation size=256 bytes] [sync offset+size=300]'],
  ['synced without a mapping', (dev: device) => { dma_sync_single_for_cpu(dev, 4, 100, DMA_TO_DEVICE); }, 'device driver tries to sync DMA memory it has not allocated [device address=N] [size=100 bytes]'],
  ['freed while mapped', (dev: device, a: number, p: Ptr) => { kfree(p); dma_unmap_single(dev, a, 256, DMA_TO_DEVICE); }, 'device driver frees memory that is mapped for the device'],
  ['read by the device after the free', (dev: device, a: number, p: Ptr) => { kfree(p); dma_read(dev, a, 4); }, 'device accesses memory that was freed while it was mapped [device address=N] [size=4 bytes]'],
  ['written by the device that may only read', (dev: device, a: number) => { dma_write(dev, a, Uint8Array.of(1)); }, expect.stringMatching(/^DMAR: \[DMA Write NO_PASID\] Request device \[0000:00:03\.0\] fault addr 0x\w+ \[fault reason 0x05\] PTE Write access is not set$/)],
  ['read past the mapping', (dev: device, a: number) => { dma_read(dev, a + 250, 20); }, expect.stringContaining('PTE Read access is not set')],
  ['left behind', (dev: device) => { dma_debug_device_change(dev); }, 'device driver has pending DMA allocations while released from device [count=1]'],
])('%s', (_what, wrong, expected) => {
  const said = run((dev) => {
    const p = kmalloc(512, GFP_KERNEL)!;
    wrong(dev, map(dev, p, 256, DMA_TO_DEVICE), p);
  });
  expect(said).toEqual([expected]);
});

test('memory of vmalloc cannot be mapped', () => {
  const said = run((dev) => {
    const p = vmalloc(4096)!;
    expect(dma_map_single(dev, p, 64, DMA_TO_DEVICE)).toBe(DMA_MAPPING_ERROR);
    vfree(p);
  });
  expect(said).toEqual(['dog 0000:00:03.0: rejecting DMA map of vmalloc memory']);
});

test('a mapping of more than the object', () => {
  machine = boot();
  expect(() => {
    machine.run(() => {
      dma_map_single(new device('0000:00:03.0', 'dog'), kmalloc(60, GFP_KERNEL)!, 64, DMA_BIDIRECTIONAL);
    });
  }).toThrow('BUG: KASAN: slab-out-of-bounds');
});
