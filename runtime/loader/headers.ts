/** The headers that a module may include, and what is said of one, or of a name in one, that there is not. */
import { near } from './errors.js';
import { linuxHeader } from './linux_headers.js';

/** What stands before the name of a header. */
export const HEADERS = 'ringzero/linux/';

/** How people write what they include. */
const INCLUDE = /^<?(?:ringzero\/)?(?:(?:linux|asm|asm-generic|uapi\/linux)\/)?([\w/-]+?)(?:\.(?:h|js|ts))?>?$/;

export class Headers {
  readonly #namespaces: ReadonlyMap<string, object>;

  /** `namespaces`: by what follows `ringzero/linux/`. */
  constructor(namespaces: Readonly<Record<string, object>>) {
    this.#namespaces = new Map(Object.entries(namespaces));
  }

  /** Tells apart those that have other names in them. */
  get key(): string {
    return [...this.#namespaces].map(([name, namespace]) => `${name}: ${Object.keys(namespace).sort().join(' ')}`).sort().join('\n');
  }

  has(header: string): boolean {
    return this.#namespaces.has(header);
  }

  declares(header: string, symbol: string): boolean {
    const namespace = this.#namespaces.get(header);
    return namespace !== undefined && Object.hasOwn(namespace, symbol);
  }

  /** Why there is no such header. */
  missing(specifier: string, name: string): string {
    const linux = linuxHeader(name);
    if (linux === null) return `'${specifier}': no such header${didYouMean(near(name, this.#namespaces.keys()).map(quoted))}`;
    if ('elsewhere' in linux) return `'${specifier}': what Linux declares there is in ${quoted(linux.elsewhere)}`;
    const family = linux.ours.length === 0 ? 'there is nothing yet' : `there are ${linux.ours.map(quoted).join(', ')}`;
    return `'${specifier}': Linux has this header, ringzero does not; of its family (${linux.what}) ${family}`;
  }

  /** What may be meant by an import of something else. */
  meant(specifier: string): string {
    const name = INCLUDE.exec(specifier)?.[1];
    return name !== undefined && this.has(name) ? didYouMean([quoted(name)]) : '';
  }

  /** Why a header does not have a name. */
  unknown(header: string, symbol: string): string {
    const reason = `${quoted(header)} has no '${symbol}'`;
    const where = this.#where(symbol);
    if (where.length > 0) return `${reason}: it is in ${where.map(quoted).join(' and ')}`;
    const likely = near(symbol, Object.keys(this.#namespaces.get(header)!));
    return likely.length > 0 ? reason + didYouMean(likely.map((name) => `'${name}'`)) : reason + this.#likely(symbol);
  }

  /** What to do about a name that the file does not declare, beside the names that it does. */
  undeclared(symbol: string, declared: Iterable<string>): string {
    const reason = `'${symbol}' is not declared`;
    const [where] = this.#where(symbol);
    if (where !== undefined) return `${reason}: import { ${symbol} } from ${quoted(where)}`;
    const own = near(symbol, declared);
    return own.length > 0 ? reason + didYouMean(own.map((name) => `'${name}'`)) : reason + this.#likely(symbol);
  }

  #where(symbol: string): string[] {
    return [...this.#namespaces.keys()].filter((header) => this.declares(header, symbol));
  }

  #likely(symbol: string): string {
    const names = new Set([...this.#namespaces.values()].flatMap((namespace) => Object.keys(namespace)));
    return didYouMean(near(symbol, names).map((name) => `'${name}' of ${quoted(this.#where(name)[0]!)}`));
  }
}

function quoted(header: string): string {
  return `'${HEADERS}${header}'`;
}

function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? '' : `; did you mean ${names.join(' or ')}?`;
}
