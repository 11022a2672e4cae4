import { offers } from '../definition/offered.ts';
import type { ResolvedSync } from '../definition/resolved.ts';
import type { JsonObject } from '../engine/json.ts';
import { matchValue } from '../engine/match-fields.ts';
import { type SoughtRecord, sameRecord } from '../engine/same-record.ts';
import { likenessOf } from '../engine/same-value.ts';
import type { FoundRecord, OpenConnection, Source } from './ports.ts';

type Hits = ReadonlyMap<string, readonly FoundRecord[]>;

const ASKED_TOGETHER = 10;

/** The object that a sync writes, as what is read; undefined where it cannot be. */
export function targetAsSource(
  { connections, sync: { target } }: Pick<ResolvedSync, 'connections' | 'sync'>,
  open: (connection: string) => Pick<OpenConnection, 'source'>,
): Source | undefined {
  const described = connections[target.connection]?.objects[target.object];
  return described !== undefined && offers(described, 'list') ? open(target.connection).source(target.object) : undefined;
}

/**
 * What goes by its id and was found by no match value may have been given another one by others: it is asked for by its id, where the target has a `get`. A record that shows
 * the match value that was told, or none, is one that the target shows of the deleted; one with another id, what it was merged with: neither is there.
 * @returns the hits, with what was found so, under the match value that was told
 */
export async function addFoundById(
  hits: Hits,
  sought: readonly SoughtRecord[],
  { source, matchOn, signal }: { readonly source: Source | undefined; readonly matchOn: string; readonly signal: AbortSignal },
): Promise<Hits> {
  const { readOne } = source ?? {};
  const unseen = sought.filter((one) => one.kind === 'update' && sameRecord(one, hits).theirs === undefined);
  if (readOne === undefined || unseen.length === 0) return hits;
  const found = new Map(hits);
  const ask = async ({ targetId, toldMatch }: SoughtRecord) => {
    if (targetId === undefined || toldMatch === undefined) return;
    const record = await readOne(targetId, signal);
    if (record?.key === targetId && hasMoved(record.fields, matchOn, toldMatch))
      found.set(toldMatch, [...(found.get(toldMatch) ?? []), { id: targetId, fields: record.fields }]);
  };
  for (let from = 0; from < unseen.length; from += ASKED_TOGETHER) await Promise.all(unseen.slice(from, from + ASKED_TOGETHER).map(ask));
  return found;
}

function hasMoved(fields: JsonObject, matchOn: string, toldMatch: string): boolean {
  const shown = matchValue(fields, matchOn);
  return shown !== undefined && likenessOf(toldMatch, shown) === 'different';
}
