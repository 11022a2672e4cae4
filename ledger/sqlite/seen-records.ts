import type { Database } from './database.ts';
import { number, optionalNumber, optionalText, text } from './row.ts';

/** What the ledger has of a key when a page brings it. */
export interface SeenRecord {
  /** Met in this run already: on an earlier page, or earlier on this one. */
  readonly isOfThisRun: boolean;
  readonly disposition: string;
  readonly reason: string | undefined;
  /** Of this run, its latest. */
  readonly change: SeenChange | undefined;
  readonly lastOutcome: string | undefined;
  readonly rejectedHash: string | undefined;
}

export interface SeenChange {
  readonly id: number;
  readonly state: string;
  readonly contentHash: string;
  readonly outcome: string | undefined;
  readonly created: number | undefined;
  readonly sourceVersion: string | undefined;
  readonly observedAt: number;
}

const SEEN = `
  SELECT s.key, s.last_run = ?2 AS is_of_this_run, s.disposition, s.reason, c.id, c.state, c.content_hash, c.outcome, c.created, c.source_version, c.observed_at,
    r.last_outcome, r.rejected_hash
  FROM json_each(?3) k CROSS JOIN sightings s ON s.scope = ?1 AND s.key = k.value
    LEFT JOIN changes c ON c.id = s.change_id AND s.last_run = ?2
    LEFT JOIN records r ON r.scope = s.scope AND r.key = s.key`;

/** One statement for a page's keys. */
export function readSeen(database: Database, scope: string, runId: string, keys: readonly string[]): Map<string, SeenRecord> {
  const seen = new Map<string, SeenRecord>();
  for (const row of database.all(SEEN, scope, runId, JSON.stringify(keys))) {
    const id = optionalNumber(row, 'id');
    seen.set(text(row, 'key'), {
      isOfThisRun: number(row, 'is_of_this_run') === 1,
      disposition: text(row, 'disposition'),
      reason: optionalText(row, 'reason'),
      change:
        id === undefined
          ? undefined
          : {
              id,
              state: text(row, 'state'),
              contentHash: text(row, 'content_hash'),
              outcome: optionalText(row, 'outcome'),
              created: optionalNumber(row, 'created'),
              sourceVersion: optionalText(row, 'source_version'),
              observedAt: number(row, 'observed_at'),
            },
      lastOutcome: optionalText(row, 'last_outcome'),
      rejectedHash: optionalText(row, 'rejected_hash'),
    });
  }
  return seen;
}
