import { readSendingChange, type SendingChange } from '../rows/sending-change.ts';
import type { Database } from './database.ts';

const SENDING = `
  SELECT c.id, c.scope, c.key, c.content_hash, s.change_id AS latest, r.content_hash AS told_hash, r.refusals
  FROM changes c JOIN runs run ON run.id = c.run_id LEFT JOIN sightings s ON s.scope = c.scope || run.lane AND s.key = c.key LEFT JOIN records r ON r.scope = c.scope AND r.key = c.key
  WHERE c.batch_id = ? AND c.state = 'sending'`;

/** The changes of a batch that wait for their outcome, by id. */
export function readSending(database: Database, batchId: string): Map<number, SendingChange> {
  return new Map(
    database
      .all(SENDING, batchId)
      .map(readSendingChange)
      .map((change) => [change.id, change]),
  );
}
