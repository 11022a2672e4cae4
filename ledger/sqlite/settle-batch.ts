import { assertNever } from '../../engine/assert-never.ts';
import type { ChangeOutcome, SettleInput } from '../ledger.ts';
import { insertAttempts } from './attempts.ts';
import type { Database, Row } from './database.ts';
import { number, optionalNumber, optionalText, text } from './row.ts';
import { addCost, addCounts, type Counts, claimLost } from './segment-row.ts';
import { noteRejection } from './stage-page.ts';

/** Outcomes and the ledger's truth in one transaction, by the holder of the token alone; see `ChangeStore.settleBatch`. */
export function settleBatch(database: Database, keepsValues: boolean, input: SettleInput): void {
  const batch = database.get(`SELECT run_id, segment FROM batches WHERE id = ? AND token = ? AND state = 'sending'`, input.batchId, input.token);
  if (batch === undefined) throw claimLost(`batch ${input.batchId}`);
  insertAttempts(database, input.batchId, input.attempts);
  const settler = new Settler(database, keepsValues, input.at);
  for (const outcome of input.outcomes) {
    const change = database.get(`SELECT * FROM changes WHERE id = ? AND batch_id = ? AND state = 'sending'`, outcome.changeId, input.batchId);
    if (change !== undefined) settler.settle(change, outcome);
  }
  const left = number(database.get(`SELECT count(*) AS n FROM changes WHERE batch_id = ? AND state = 'sending'`, input.batchId) ?? {}, 'n');
  database.run(
    `UPDATE batches SET state = ?, size = CASE WHEN ?2 = 0 THEN size ELSE ?2 END WHERE id = ?3`,
    left === 0 ? 'settled' : 'unknown',
    left,
    input.batchId,
  );
  addCost(database, text(batch, 'run_id'), number(batch, 'segment'), input.cost);
  addCounts(database, text(batch, 'run_id'), number(batch, 'segment'), settler.counts);
}

class Settler {
  readonly counts: Counts = {};
  readonly #database: Database;
  readonly #keepsValues: boolean;
  readonly #at: number;

  constructor(database: Database, keepsValues: boolean, at: number) {
    this.#database = database;
    this.#keepsValues = keepsValues;
    this.#at = at;
  }

  settle(change: Row, outcome: ChangeOutcome): void {
    switch (outcome.outcome) {
      case 'written':
        return this.#written(change, outcome);
      case 'unchanged':
      case 'superseded':
        this.#count(change, outcome.outcome, 1);
        return this.#end(change, outcome.outcome);
      case 'rejected':
        this.#count(change, 'rejected', 1);
        this.#end(change, 'rejected', { rejection: JSON.stringify(outcome.rejection) });
        this.#touchRecord(change, 'rejected');
        noteRejection(
          this.#database,
          text(change, 'scope'),
          text(change, 'key'),
          outcome.rejection,
          text(change, 'content_hash'),
          optionalText(change, 'source') ?? null,
          this.#at,
        );
        return;
      case 'held':
        this.#count(change, 'held', 1);
        this.#end(change, 'held', { holdReason: outcome.reason, note: outcome.message });
        return this.#touchRecord(change, 'held', outcome.reason === 'unknown');
      case 'again':
        return this.#planAgain(change, outcome);
      default:
        return assertNever(outcome);
    }
  }

  #written(change: Row, outcome: Extract<ChangeOutcome, { outcome: 'written' }>): void {
    const scope = text(change, 'scope');
    const key = text(change, 'key');
    const known = this.#database.get('SELECT content_hash FROM records WHERE scope = ? AND key = ?', scope, key);
    // Where the target does not say, a record that it was told of before cannot have been created now.
    const wasTold = known !== undefined && optionalText(known, 'content_hash') !== undefined;
    const created = outcome.created ?? (wasTold ? false : undefined);
    this.#count(change, 'written', 1);
    if (created !== undefined) this.#count(change, created ? 'created' : 'updated', 1);
    const createdColumn = created === undefined ? null : created ? 1 : 0;
    this.#end(change, 'written', { created: createdColumn, targetId: outcome.targetId ?? null });
    this.#database.run(
      `INSERT INTO records (scope, key, target_id, content_hash, match, fields, source_version, observed_at, last_outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'written')
       ON CONFLICT DO UPDATE SET target_id = coalesce(excluded.target_id, target_id), content_hash = excluded.content_hash, match = excluded.match, fields = excluded.fields,
         source_version = excluded.source_version, observed_at = excluded.observed_at, last_outcome = 'written', rejected_hash = NULL, rejection = NULL,
         rejected_source = NULL, retry_at = NULL, has_unknown = 0`,
      scope,
      key,
      outcome.targetId ?? optionalText(change, 'target_id') ?? null,
      text(change, 'content_hash'),
      text(change, 'match'),
      this.#keepsValues ? text(change, 'fields') : null,
      optionalText(change, 'source_version') ?? null,
      number(change, 'observed_at'),
    );
  }

  /** Surely not applied: planned again, perhaps as another kind, or only together with its half of a refused batch. */
  #planAgain(change: Row, outcome: Extract<ChangeOutcome, { outcome: 'again' }>): void {
    this.#database.run(
      `UPDATE changes SET state = 'planned', batch_limit = coalesce(?, batch_limit), batch_group = coalesce(?, batch_group), kind = coalesce(?, kind),
         target_id = coalesce(?, target_id) WHERE id = ?`,
      outcome.batchLimit ?? null,
      outcome.group ?? null,
      outcome.kind ?? null,
      outcome.targetId ?? null,
      number(change, 'id'),
    );
    this.#database.run('UPDATE records SET has_unknown = 0 WHERE scope = ? AND key = ?', text(change, 'scope'), text(change, 'key'));
  }

  /** What is settled needs its payload no more: the record keeps what the target has, a rejection keeps its source. */
  #end(
    change: Row,
    outcome: string,
    more: { created?: number | null; targetId?: string | null; rejection?: string; holdReason?: string; note?: string } = {},
  ): void {
    this.#database.run(
      `UPDATE changes SET state = 'settled', outcome = ?, settled_at = ?, created = ?, target_id = coalesce(?, target_id), rejection = ?, hold_reason = ?, note = ?,
         source = NULL, fields = CASE WHEN ? THEN fields ELSE NULL END WHERE id = ?`,
      outcome,
      this.#at,
      more.created ?? null,
      more.targetId ?? null,
      more.rejection ?? null,
      more.holdReason ?? null,
      more.note ?? null,
      this.#keepsValues ? 1 : 0,
      number(change, 'id'),
    );
  }

  #touchRecord(change: Row, outcome: string, hasUnknown = false): void {
    this.#database.run(
      `INSERT INTO records (scope, key, last_outcome, has_unknown) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET last_outcome = excluded.last_outcome, has_unknown = excluded.has_unknown`,
      text(change, 'scope'),
      text(change, 'key'),
      outcome,
      hasUnknown ? 1 : 0,
    );
  }

  /** Only the latest change of a key counts: an earlier one that settles after a newer was staged is no second record. */
  #count(change: Row, name: keyof Counts, by: number): void {
    const sighting = this.#database.get('SELECT change_id FROM sightings WHERE scope = ? AND key = ?', text(change, 'scope'), text(change, 'key'));
    if (sighting !== undefined && optionalNumber(sighting, 'change_id') !== number(change, 'id')) return;
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }
}
