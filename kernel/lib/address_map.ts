/**
 * What is kept beside an address. Most machines have a handful: these are linked and looked through, where a Map would
 * be made at every boot, and would box each address, which is no small integer.
 */

interface Kept<T> {
  readonly address: number;
  value: T;
  readonly next: Kept<T> | null;
}

/** So many are looked through faster than they are hashed. */
const FEW = 8;

export class AddressMap<T> {
  /** The newest first. */
  private first: Kept<T> | null = null;
  private size = 0;
  /** All of them, once they are many. */
  private many: Map<number, T> | null = null;

  get(address: number): T | undefined {
    if (this.many !== null) return this.many.get(address);
    return this.find(address)?.value;
  }

  set(address: number, value: T): void {
    if (this.many !== null) {
      this.many.set(address, value);
      return;
    }
    const known = this.find(address);
    if (known !== null) known.value = value;
    else if (this.size < FEW) {
      this.first = { address, value, next: this.first };
      this.size++;
    } else this.become_many().set(address, value);
  }

  delete(address: number): void {
    if (this.first === null && this.many === null) return;
    (this.many ?? this.become_many()).delete(address);
  }

  private find(address: number): Kept<T> | null {
    let kept = this.first;
    while (kept !== null && kept.address !== address) kept = kept.next;
    return kept;
  }

  private become_many(): Map<number, T> {
    const many = new Map<number, T>();
    for (let kept = this.first; kept !== null; kept = kept.next) many.set(kept.address, kept.value);
    this.first = null;
    this.many = many;
    return many;
  }
}
