import type { AccountUse } from '../overview-store.ts';
import type { Run } from '../run-store.ts';
import { readBlock } from './limit-holder.ts';
import { defined, number, optionalNumber, type Row, text } from './row.ts';

/** @param rows of any accounts: those of this one are taken */
export function readAccountUse(
  account: string,
  rows: { readonly holders: readonly Row[]; readonly quotas: readonly Row[]; readonly blocks: readonly Row[] },
): AccountUse {
  const own = (each: readonly Row[]) => each.filter((row) => text(row, 'account') === account);
  const [block] = own(rows.blocks);
  return {
    account,
    holders: own(rows.holders).map((row) => ({
      holder: text(row, 'holder'),
      share: number(row, 'share'),
      demand: number(row, 'demand'),
      places: number(row, 'places'),
      placesWanted: number(row, 'places_wanted'),
    })),
    quotas: own(rows.quotas).map((row) => defined({ perMs: number(row, 'per_ms'), used: number(row, 'used'), count: optionalNumber(row, 'count') })),
    ...(block === undefined ? {} : { block: readBlock(block) }),
  };
}

/** The live run of each scope, then its windows, the oldest first. */
export function inOrderOf(scopes: readonly string[], runs: readonly Run[]): readonly Run[] {
  const isWindow = ({ options }: Run) => (options.window === undefined ? 0 : 1);
  return scopes.flatMap((scope) =>
    runs.filter((run) => run.scope === scope).toSorted((one, other) => isWindow(one) - isWindow(other) || one.requestedAt - other.requestedAt),
  );
}
