import type { Source } from '../connectors/ports.ts';
import type { Json } from '../engine/json.ts';
import { matchValue } from '../engine/match-fields.ts';
import type { Finding } from '../ledger/drift-store.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** Compared with the ledger at a time. */
const AT_ONCE = 5_000;

interface Place {
  readonly targetScope: string;
  readonly matchOn: string;
  readonly signal: AbortSignal;
}

/** Records of the target that no sync wrote there, by its list. */
export async function* findExtras(ledger: Ledger, target: Source, { targetScope, matchOn, signal }: Place): AsyncGenerator<readonly Finding[]> {
  let cursor: Json | undefined;
  let held = new Map<string, string>();
  do {
    const page = await target.readPage({ window: {}, cursor, signal });
    for (const { key, fields } of page.records) held.set(matchValue(fields, matchOn) ?? '', key);
    cursor = page.next;
    if (held.size < AT_ONCE && cursor !== undefined) continue;
    const known = await ledger.knownMatches(targetScope, [...held.keys()]);
    yield [...held].filter(([match]) => !known.has(match)).map(([match, targetId]) => ({ kind: 'extra', match, targetId, fields: [] }) as const);
    held = new Map();
  } while (cursor !== undefined);
}
