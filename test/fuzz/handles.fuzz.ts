/** The calls of handles.ts, one of them as code of its own. */
import { type Calls, type Machine } from 'ringzero';

export const calls: Calls = {
  open: { args: [], run: (machine: Machine): unknown => machine.call('handles_open') },
  handles_write: { args: [{ result: 'open' }, { bytes: 16 }, { lengthOf: 1 }] },
};
