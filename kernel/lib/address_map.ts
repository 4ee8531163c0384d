/**
 * What is kept beside an address. Most machines have a handful: these lie in two arrays and are looked through, where a
 * Map would be made at every boot, and would box each address, which is no small integer.
 */

/** So many are looked through faster than they are hashed. */
const FEW = 8;

export class AddressMap<T> {
  private readonly addresses: number[] = [];
  private readonly kept: T[] = [];
  /** All of them, once they are many. */
  private many: Map<number, T> | null = null;

  get(address: number): T | undefined {
    if (this.many !== null) return this.many.get(address);
    const at = this.addresses.indexOf(address);
    return at < 0 ? undefined : this.kept[at];
  }

  set(address: number, value: T): void {
    if (this.many !== null) {
      this.many.set(address, value);
      return;
    }
    const { addresses, kept } = this;
    const at = addresses.indexOf(address);
    if (at >= 0) {
      kept[at] = value;
      return;
    }
    addresses.push(address);
    kept.push(value);
    if (kept.length > FEW) this.many = new Map(addresses.map((one, i) => [one, kept[i]!]));
  }

  delete(address: number): void {
    if (this.many !== null) {
      this.many.delete(address);
      return;
    }
    const at = this.addresses.indexOf(address);
    if (at < 0) return;
    this.addresses.splice(at, 1);
    this.kept.splice(at, 1);
  }
}
