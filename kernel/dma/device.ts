/** A device as far as DMA is concerned. Linux: include/linux/device.h, struct device. */

/** The low `n` bits set: a mask of the bus addresses that a device can reach. */
export function DMA_BIT_MASK(n: number): number {
  return 2 ** n - 1;
}

/** A module holds it by reference, as `struct device *`. Built by the bus that found the device. */
export class device {
  /** As dev_name(): '0000:00:03.0'. */
  readonly name: string;
  /** As dev_driver_string(). */
  readonly driver: string;
  /** Highest bus address that streaming mappings may have; 32 bits unless the driver says otherwise. */
  dma_mask = DMA_BIT_MASK(32);
  /** The same for coherent memory. */
  coherent_dma_mask = DMA_BIT_MASK(32);

  constructor(name: string, driver: string) {
    this.name = name;
    this.driver = driver;
  }
}
