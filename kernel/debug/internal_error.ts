/** A state that ringzero itself should never be in: not the module's fault and not the host's. */
export class InternalError extends Error {
  override readonly name = 'InternalError';
  constructor(what: string) {
    super(`internal error of ringzero: ${what}. Please report it with the module and the replay token.`);
  }
}

/** States a fact that holds whatever modules do. */
export function assert(holds: boolean, what: string): asserts holds {
  if (!holds) throw new InternalError(what);
}
