import type { Database } from './database.ts';
import { number, optionalNumber, optionalText, text } from './row.ts';
import { ARCHIVED, DELETED } from './stage-deletes.ts';

/** A change of the batch, as far as settling needs it: payloads stay in the store. */
export interface SendingChange {
  readonly id: number;
  readonly scope: string;
  readonly key: string;
  readonly contentHash: string;
  /** No newer change or verdict of its key was staged behind it: it is what the record counts as. */
  readonly isLatest: boolean;
  /** The target was told of the record before. */
  readonly wasTold: boolean;
  /** The ledger has the record as refused or held: with this content or another. */
  readonly isRefused: boolean;
  /** Takes the record from the target: deletes or archives it. */
  readonly isDelete: boolean;
  readonly isArchived: boolean;
}

const SENDING = `
  SELECT c.id, c.scope, c.key, c.content_hash, s.change_id AS latest, r.content_hash AS told_hash, r.refusals
  FROM changes c LEFT JOIN sightings s ON s.scope = c.scope AND s.key = c.key LEFT JOIN records r ON r.scope = c.scope AND r.key = c.key
  WHERE c.batch_id = ? AND c.state = 'sending'`;

/** The changes of a batch that wait for their outcome, by id. */
export function readSending(database: Database, batchId: string): Map<number, SendingChange> {
  const sending = new Map<number, SendingChange>();
  for (const row of database.all(SENDING, batchId)) {
    const id = number(row, 'id');
    sending.set(id, {
      id,
      scope: text(row, 'scope'),
      key: text(row, 'key'),
      contentHash: text(row, 'content_hash'),
      isLatest: optionalNumber(row, 'latest') === id,
      wasTold: optionalText(row, 'told_hash') !== undefined,
      isRefused: (optionalNumber(row, 'refusals') ?? 0) > 0,
      isDelete: row['content_hash'] === DELETED || row['content_hash'] === ARCHIVED,
      isArchived: row['content_hash'] === ARCHIVED,
    });
  }
  return sending;
}
