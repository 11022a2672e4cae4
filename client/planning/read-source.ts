import type { Page, Source, SourceRecord } from '../../connectors/ports.ts';
import { readWhenDone } from '../../connectors/read-when-done.ts';
import type { ResolvedSync } from '../../definition/resolved.ts';
import type { Json } from '../../engine/json.ts';
import { planSlices } from '../../engine/slices.ts';
import type { Ledger } from '../../ledger/ledger.ts';

const RETRIES_PAGE = 200;

export interface DueRetries {
  readonly scope: string;
  readonly due: { readonly at: number; readonly mappingHash: string };
  readonly signal: AbortSignal;
}

/** The pages of a source object within a window, one after the other; slice after slice where the object can only be listed by slices. */
export async function* readSource(definition: ResolvedSync, source: Source, from: string | undefined, signal: AbortSignal): AsyncGenerator<Page> {
  const window = from === undefined ? {} : { from };
  const changes = from === undefined ? {} : { changes: true };
  const { slices } = definition.sync.source;
  if (slices?.by !== 'list') return yield* readList(source, { window, ...changes }, signal);
  const plan = planSlices(slices, { windowFrom: undefined, isOfWindow: false, until: Date.now() });
  for (let index = 0; index < (plan.count ?? 0); index++) yield* readList(source, { window, ...changes, slice: plan.slice(index) }, signal);
}

/** Keys of what the source tells as deleted since a window began; none where the sync does not ask for them. */
export async function* readDeleted({ sync }: ResolvedSync, source: Source, from: string | undefined, signal: AbortSignal): AsyncGenerator<string> {
  if (sync.source.deletes?.endpoint === undefined || source.readDeleted === undefined || from === undefined) return;
  let cursor: Json | undefined;
  do {
    const page = await source.readDeleted({ window: { from }, cursor, signal });
    yield* page.keys;
    cursor = page.next;
  } while (cursor !== undefined);
}

/** What earlier runs refused or held and a run would try again, as it is at the source now where that can be asked for one record, else as last read. */
export async function* readDueRetries(ledger: Ledger, source: Source, { scope, due, signal }: DueRetries): AsyncGenerator<readonly SourceRecord[]> {
  for (let afterKey: string | undefined = ''; afterKey !== undefined; ) {
    const listed: Awaited<ReturnType<Ledger['listRejected']>> = await ledger.listRejected(scope, { afterKey, limit: RETRIES_PAGE, due });
    const records: SourceRecord[] = [];
    for (const { key, source: fields } of listed) {
      const kept = fields === undefined ? undefined : { key, fields };
      const record = source.readOne === undefined ? kept : await source.readOne(key, signal);
      if (record !== undefined) records.push(record);
    }
    yield records;
    afterKey = listed.length < RETRIES_PAGE ? undefined : listed.at(-1)?.key;
  }
}

async function* readList(
  source: Source,
  place: Pick<Parameters<Source['readPage']>[0], 'window' | 'slice' | 'changes'>,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  let cursor: Json | undefined;
  do {
    const page = await readWhenDone(source, { ...place, cursor, signal });
    yield page;
    cursor = page.next;
  } while (cursor !== undefined);
}
