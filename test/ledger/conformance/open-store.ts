import { afterEach } from 'node:test';
import type { Ledger } from '../../../ledger/ledger.ts';
import type { ValuePolicy } from '../../../ledger/vault.ts';

/** Opens an empty store of its own for one test; the store that is held to the suite gives it. */
export type OpenStore = (values?: ValuePolicy) => Promise<Ledger>;

/** Closes at the end of each test what it has opened. Call it in a `describe`. */
export function closing(openStore: OpenStore): OpenStore {
  const opened: Ledger[] = [];
  afterEach(async () => {
    for (const ledger of opened.splice(0)) await ledger.close();
  });
  return async (values) => {
    const ledger = await openStore(values);
    opened.push(ledger);
    return ledger;
  };
}
