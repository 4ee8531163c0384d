/** What tells a module from an edited one, or from one with other parameters: a replay needs the same. */
import type { ModuleParams } from '../../kernel/module/main.js';
import { checksum, checksumText } from '../choice/log.js';

/** `checksum` is of its text. Parameters count as they are written, 7 as '7', in whatever order. */
export function identityOf(image: { readonly checksum: number }, params: ModuleParams): number {
  let all = 0;
  for (const name in params) all ^= checksumText(`${name}=${String(params[name])}`);
  return all === 0 ? image.checksum : checksum(image.checksum, all);
}
