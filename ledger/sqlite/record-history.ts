import type { RecordHistory } from '../ledger.ts';
import { tellStory } from '../rows/record-story.ts';
import { text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import { listAwaited } from './awaited-references.ts';
import type { Database } from './database.ts';

/** See `RecordStore.readHistory`. */
export function readHistory(
  database: Database,
  vault: Vault,
  scope: string,
  by: { readonly key: string } | { readonly match: string },
): RecordHistory | undefined {
  const key = 'key' in by ? by.key : keyOfMatch(database, scope, vault.fingerprint(by.match));
  const sighting = key === undefined ? undefined : database.get('SELECT * FROM sightings WHERE scope = ? AND key = ?', scope, key);
  if (key === undefined || sighting === undefined) return undefined;
  return tellStory(vault, {
    sighting,
    record: database.get('SELECT * FROM records WHERE scope = ? AND key = ?', scope, key),
    changes: database.all('SELECT * FROM changes WHERE scope = ? AND key = ? ORDER BY id', scope, key),
    verdicts: database.all('SELECT * FROM verdicts WHERE scope = ? AND key = ? ORDER BY id', scope, key),
    awaits: listAwaited(database, scope, key),
    rowsOf: (batchId) => ({
      batch: database.get('SELECT * FROM batches WHERE id = ?', batchId),
      attempts: database.all('SELECT * FROM attempts WHERE batch_id = ? ORDER BY n', batchId),
    }),
  });
}

function keyOfMatch(database: Database, scope: string, match: string): string | undefined {
  const row =
    database.get('SELECT key FROM records WHERE scope = ? AND match = ?', scope, match) ??
    database.get('SELECT key FROM changes WHERE scope = ? AND match = ? ORDER BY id DESC LIMIT 1', scope, match);
  return row === undefined ? undefined : text(row, 'key');
}
