import type { RecordHistory } from '../ledger.ts';
import { batchesOf } from '../rows/change-events.ts';
import { tellStory } from '../rows/record-story.ts';
import { text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import { listAwaited } from './awaited-references.ts';
import type { Session } from './session.ts';

/** See `RecordStore.readHistory`. */
export async function readHistory(
  session: Session,
  vault: Vault,
  scope: string,
  by: { readonly key: string } | { readonly match: string },
): Promise<RecordHistory | undefined> {
  const key = 'key' in by ? by.key : await keyOfMatch(session, scope, vault.fingerprint(by.match));
  const sighting = key === undefined ? undefined : await session.get('SELECT * FROM sightings WHERE scope = $1 AND key = $2', scope, key);
  if (key === undefined || sighting === undefined) return undefined;
  const changes = await session.all('SELECT * FROM changes WHERE scope = $1 AND key = $2 ORDER BY id', scope, key);
  const batchIds = changes.flatMap(batchesOf);
  const batches = await session.all('SELECT * FROM batches WHERE id = ANY($1::text[])', batchIds);
  const attempts = await session.all('SELECT * FROM attempts WHERE batch_id = ANY($1::text[]) ORDER BY batch_id, n', batchIds);
  return tellStory(vault, {
    sighting,
    record: await session.get('SELECT * FROM records WHERE scope = $1 AND key = $2', scope, key),
    changes,
    verdicts: await session.all('SELECT * FROM verdicts WHERE scope = $1 AND key = $2 ORDER BY id', scope, key),
    awaits: await listAwaited(session, scope, key),
    rowsOf: (batchId) => ({
      batch: batches.find((row) => row['id'] === batchId),
      attempts: attempts.filter((row) => row['batch_id'] === batchId),
    }),
  });
}

async function keyOfMatch(session: Session, scope: string, match: string): Promise<string | undefined> {
  const row =
    (await session.get('SELECT key FROM records WHERE scope = $1 AND match = $2 ORDER BY key LIMIT 1', scope, match)) ??
    (await session.get('SELECT key FROM changes WHERE scope = $1 AND match = $2 ORDER BY id DESC LIMIT 1', scope, match));
  return row === undefined ? undefined : text(row, 'key');
}
