import type { Page } from '../connectors/ports.ts';
import { matchValue } from '../engine/match-fields.ts';
import type { Finding } from '../ledger/drift-store.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** Records of a page of the target that no sync wrote there. */
export async function findExtras(
  ledger: Ledger,
  { records }: Pick<Page, 'records'>,
  { targetScope, matchOn }: { readonly targetScope: string; readonly matchOn: string },
): Promise<readonly Finding[]> {
  const held = new Map(records.map(({ key, fields }) => [matchValue(fields, matchOn) ?? '', key]));
  const known = await ledger.knownMatches(targetScope, [...held.keys()]);
  return [...held].filter(([match]) => !known.has(match)).map(([match, targetId]) => ({ kind: 'extra', match, targetId, fields: [] }) as const);
}
