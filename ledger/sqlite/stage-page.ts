import type { Rejection } from '../../engine/errors.ts';
import type { Json } from '../../engine/json.ts';
import type { StagedChange, StagedRecord, StagePageInput } from '../ledger.ts';
import type { Vault } from '../vault.ts';
import type { Database, Row } from './database.ts';
import { optionalNumber, optionalText, text } from './row.ts';
import { addCost, addCounts, type Counts, claimLost } from './segment-row.ts';

/** When a rejection that may pass is tried again at the earliest. */
const RETRY_LATER_MS = 300_000;

/** One page in one transaction; see `SegmentStore.stagePage`. */
export function stagePage(database: Database, vault: Vault, input: StagePageInput): { staged: number; seenAgain: number } {
  const segment = database.get('SELECT state, reader_token FROM segments WHERE run_id = ? AND idx = ?', input.runId, input.segment);
  if (segment === undefined || optionalText(segment, 'reader_token') !== input.token || text(segment, 'state') !== 'open')
    throw claimLost(`segment ${input.segment}`);
  const run = database.get('SELECT scope FROM runs WHERE id = ?', input.runId) ?? {};
  const page = new PageStager(database, vault, input, text(run, 'scope'));
  for (const record of input.records) page.stage(record);
  database.run(
    `UPDATE segments SET cursor = ?, is_last = ?, pages = pages + 1, records = records + ?, bytes = bytes + ?, failures = 0, first_failure_at = NULL,
       max_cursor_value = coalesce(?, max_cursor_value) WHERE run_id = ? AND idx = ?`,
    input.nextCursor === undefined ? null : JSON.stringify(input.nextCursor),
    input.isLast ? 1 : 0,
    input.records.length,
    input.bytes,
    input.maxCursorValue ?? null,
    input.runId,
    input.segment,
  );
  addCost(database, input.runId, input.segment, input.cost);
  addCounts(database, input.runId, input.segment, page.counts);
  return { staged: page.staged, seenAgain: page.counts.seen_again ?? 0 };
}

class PageStager {
  staged = 0;
  readonly counts: Counts = {};
  readonly #database: Database;
  readonly #vault: Vault;
  readonly #input: StagePageInput;
  readonly #scope: string;

  constructor(database: Database, vault: Vault, input: StagePageInput, scope: string) {
    this.#database = database;
    this.#vault = vault;
    this.#input = input;
    this.#scope = scope;
  }

  stage(record: StagedRecord): void {
    const seen = this.#database.get('SELECT last_run, disposition, change_id FROM sightings WHERE scope = ? AND key = ?', this.#scope, record.key);
    const isAgain = seen !== undefined && text(seen, 'last_run') === this.#input.runId;
    if (!isAgain) this.#count('taken', 1);
    else if (!this.#replacesEarlier(record, seen)) return this.#count('seen_again', 1);
    const changeId = record.disposition === 'change' ? this.#insertChange(record.key, record.change) : null;
    if (changeId === null) this.#count(record.disposition as Exclude<StagedRecord['disposition'], 'change'>, 1); // a change is counted when it settles
    if (record.disposition === 'rejected' && !record.isRepeat) this.#noteRejection(record);
    if (record.disposition === 'held') this.#setOutcome(record.key, 'held');
    this.#sight(record, changeId);
    if (isAgain) this.#count('seen_again', 1);
  }

  /** A key met again: equal content says nothing new; newer content takes the place of what was decided before. */
  #replacesEarlier(record: StagedRecord, seen: Row): boolean {
    const changeId = optionalNumber(seen, 'change_id');
    if (changeId === undefined) {
      const before = text(seen, 'disposition');
      if (before === record.disposition) return false;
      this.#count(before as keyof Counts, -1); // dispositions without a change are counters of the same name
      return true;
    }
    const change = this.#database.get('SELECT state, content_hash, outcome, created FROM changes WHERE id = ?', changeId) ?? {};
    if (record.disposition === 'change' && text(change, 'content_hash') === record.change.contentHash) return false;
    if (record.disposition === 'unchanged' && text(change, 'state') !== 'planned') return false;
    if (text(change, 'state') === 'planned') this.#database.run(`UPDATE changes SET state = 'dropped', settled_at = ? WHERE id = ?`, this.#input.at, changeId);
    if (text(change, 'state') === 'settled') this.#uncount(change);
    return true;
  }

  /** The key's outcome will be that of its newer change: a second pass is no second record. */
  #uncount(change: Row): void {
    const outcome = text(change, 'outcome');
    this.#count(outcome as keyof Counts, -1); // outcomes are counters of the same name
    const created = optionalNumber(change, 'created');
    if (outcome === 'written' && created !== undefined) this.#count(created === 1 ? 'created' : 'updated', -1);
  }

  #insertChange(key: string, change: StagedChange): number {
    const { runId, segment, targetScope, observedAt, isSealed, at } = this.#input;
    this.staged += 1;
    return this.#database.insert(
      `INSERT INTO changes (run_id, segment, scope, key, kind, state, fields, source, content_hash, match, target_scope, target_id, source_version, observed_at, bytes, staged_at)
       VALUES (?, ?, ?, ?, ?, 'planned', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      runId,
      segment,
      this.#scope,
      key,
      change.kind,
      this.#vault.write(change.fields, isSealed),
      this.#vault.write(change.source, isSealed),
      change.contentHash,
      change.match,
      targetScope,
      change.targetId ?? null,
      change.sourceVersion ?? null,
      observedAt,
      change.bytes,
      at,
    );
  }

  #noteRejection(record: Extract<StagedRecord, { disposition: 'rejected' }>): void {
    this.#setOutcome(record.key, 'rejected');
    noteRejection(
      this.#database,
      this.#scope,
      record.key,
      record.rejection,
      record.contentHash,
      this.#vault.write(record.source, this.#input.isSealed),
      this.#input.at,
    );
  }

  #setOutcome(key: string, outcome: string): void {
    this.#database.run(
      'INSERT INTO records (scope, key, last_outcome) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET last_outcome = excluded.last_outcome',
      this.#scope,
      key,
      outcome,
    );
  }

  #sight(record: StagedRecord, changeId: number | null): void {
    const { runId, segment, at } = this.#input;
    this.#database.run(
      `INSERT INTO sightings (scope, key, first_seen_at, last_seen_at, last_run, last_segment, disposition, note, change_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET last_seen_at = excluded.last_seen_at, last_run = excluded.last_run, last_segment = excluded.last_segment,
         disposition = excluded.disposition, note = excluded.note, change_id = excluded.change_id`,
      this.#scope,
      record.key,
      at,
      at,
      runId,
      segment,
      record.disposition,
      noteOf(record),
      changeId,
    );
  }

  #count(name: keyof Counts, by: number): void {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }
}

function noteOf(record: StagedRecord): string | null {
  if (record.disposition === 'skipped') return record.reason;
  if (record.disposition === 'held') return record.message;
  return null;
}

/** Keeps what was refused, so that the same content is not sent again, and can be tried again when asked. */
export function noteRejection(
  database: Database,
  scope: string,
  key: string,
  rejection: Rejection,
  contentHash: string,
  source: string | null,
  at: number,
): void {
  const kept: Json = { ...rejection };
  database.run(
    `UPDATE records SET rejected_hash = ?, rejection = ?, rejected_source = coalesce(?, rejected_source), retry_at = ? WHERE scope = ? AND key = ?`,
    contentHash,
    JSON.stringify(kept),
    source,
    rejection.retry === 'later' ? at + RETRY_LATER_MS : null,
    scope,
    key,
  );
}
