import { asOutcome, isNothingNew, isOlder, type SeenChange, type SeenRecord } from '../rows/seen-record.ts';
import { Counts } from '../rows/segment-row.ts';
import type { HandedBatch, StagedTextChange, StagedTextRecord, StagePageTexts } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import { noteAwaited } from './awaited-references.ts';
import { CHANGES_IN_RANGE, LISTED_CHANGES, rangeOf } from './change-ids.ts';
import type { Database } from './database.ts';
import { insertChanges } from './insert-changes.ts';
import { PageHandover } from './page-handover.ts';
import { forgetRefusal, noteHold, noteRefusal, repeatRefusal } from './refusals.ts';
import { type Reader, readSeen } from './seen-records.ts';

const DROP = `UPDATE changes SET state = 'dropped', settled_at = ?, source = NULL, payload = NULL WHERE id = ?`;

/** `?3` and further: where the run keeps its sightings, the run, the time, the segment. */
const sightChanged = (which: string) => `
  INSERT INTO sightings (scope, key, first_run, first_seen_at, last_run, last_segment, last_seen_at, disposition, reason, change_id)
  SELECT ?3, c.key, ?4, ?5, ?4, ?6, ?5, 'change', NULL, c.id FROM ${which}
  ON CONFLICT DO UPDATE SET last_seen_at = ?5, last_run = ?4, last_segment = ?6, disposition = 'change', reason = NULL, change_id = excluded.change_id`;
const SIGHT_LISTED = sightChanged(LISTED_CHANGES);
const SIGHT_RANGE = sightChanged(CHANGES_IN_RANGE);

/** Writes the records of one page: sightings, changes, verdicts, counters. */
export class PageStager {
  staged = 0;
  /** What of it was claimed as it was staged. */
  claimed: readonly HandedBatch[] = [];
  readonly counts = new Counts();
  readonly #database: Database;
  readonly #vault: Vault;
  readonly #input: StagePageTexts;
  readonly #scope: string;
  /** Where the run keeps its sightings. */
  readonly #sightings: string;
  readonly #at: number;
  readonly #seen: Map<string, SeenRecord>;
  readonly #handover: PageHandover;
  /** Known before this run, and nothing new: their sightings are moved on by one statement. */
  readonly #unchanged = new Set<string>();
  /** Staged with a change: their sightings are written by one statement, too. */
  readonly #changed = new Map<string, number>();
  /** Changes are written several at a time, each key among them once. */
  readonly #waiting = new Map<string, { readonly record: StagedTextChange; readonly seen: SeenRecord | undefined }>();
  /** What counts of each key: an older page says nothing. */
  readonly #accepted = new Map<string, StagedTextRecord>();

  constructor(database: Database, vault: Vault, input: StagePageTexts, { scope, lane }: Pick<Reader, 'scope' | 'lane'>) {
    this.#database = database;
    this.#vault = vault;
    this.#input = input;
    this.#scope = scope;
    this.#sightings = scope + lane;
    this.#at = Math.round(input.at);
    const keys = input.records.map((record) => record.key);
    this.#seen = readSeen(database, { scope, lane, runId: input.runId }, keys);
    this.#handover = new PageHandover(database, vault, input, { scope, lane }, (key) => this.#seen.get(key)?.isOfThisRun === true);
  }

  stageAll(): void {
    for (const record of this.#input.records) {
      // What a page says twice of a record is written one after the other.
      if (this.#waiting.has(record.key)) this.#flush();
      this.#stage(record);
    }
    this.#flush();
    this.claimed = this.#handover.finish();
    noteAwaited(this.#database, this.#vault, { scope: this.#scope, records: this.#accepted, isSealed: this.#input.isSealed });
    this.#sightTogether();
  }

  #sightTogether(): void {
    if (this.#changed.size > 0) this.#sightChanged([...this.#changed.values()]);
    if (this.#unchanged.size === 0) return;
    this.#database.run(
      `UPDATE sightings SET last_seen_at = ?, last_run = ?, last_segment = ?, disposition = 'unchanged', reason = NULL, change_id = NULL
       WHERE scope = ? AND key IN (SELECT value FROM json_each(?))`,
      this.#at,
      this.#input.runId,
      this.#input.segment,
      this.#sightings,
      JSON.stringify([...this.#unchanged]),
    );
  }

  #sightChanged(ids: readonly number[]): void {
    const range = rangeOf(ids);
    const values = [this.#sightings, this.#input.runId, this.#at, this.#input.segment] as const;
    if (range === undefined) this.#database.run(SIGHT_LISTED, JSON.stringify(ids), null, ...values);
    else this.#database.run(SIGHT_RANGE, ...range, ...values);
  }

  #stage(record: StagedTextRecord): void {
    const seen = this.#seen.get(record.key);
    if (seen?.isOfThisRun === true) {
      this.counts.add('seen_again');
      if (isNothingNew(record, seen) || isOlder(record, this.#input.observedAt, seen)) return;
      this.#withdraw(seen);
    } else {
      this.counts.add(this.#input.isRetry ? 'retried' : 'taken');
    }
    this.#accepted.set(record.key, record);
    if (record.disposition === 'change') {
      this.staged += 1;
      this.#waiting.set(record.key, { record, seen });
      return;
    }
    this.counts.add(record.disposition); // a change is counted when it is settled
    this.#noteVerdict(record, seen);
    this.#sight(record, seen, undefined);
  }

  /** What this run had decided about a key gives way to what a later page says. A change that is being sent stays, and is no longer the key's latest. */
  #withdraw({ change, disposition }: SeenRecord): void {
    if (change === undefined) this.counts.add(asOutcome(disposition), -1);
    else if (change.state === 'planned') this.#database.run(DROP, this.#at, change.id);
    else if (change.state === 'settled' && change.outcome === 'written') this.counts.addWritten(change.created, -1);
    else if (change.state === 'settled' && change.outcome !== undefined) this.counts.add(asOutcome(change.outcome), -1);
  }

  /** Writes the changes that wait. */
  #flush(): void {
    const waiting = [...this.#waiting.values()];
    if (waiting.length === 0) return;
    this.#waiting.clear();
    const observedAt = Math.round(this.#input.observedAt);
    const page = { ...this.#input, scope: this.#scope, observedAt, at: this.#at };
    const changes = waiting.map((change) => ({ ...change, batch: this.#handover.batchOf(change.record.key) }));
    for (const { record, seen, id, isSending } of insertChanges(this.#database, this.#vault, page, changes)) {
      if (isSending) this.#handover.note(record.key, id);
      const { contentHash, sourceVersion } = record.change;
      const state = isSending ? 'sending' : 'planned';
      this.#sight(record, seen, { id, state, contentHash, outcome: undefined, created: undefined, sourceVersion, observedAt });
    }
  }

  /** Keeps what is new about a record without a change: for the list of refused ones, and for its story. */
  #noteVerdict(record: StagedTextRecord, seen: SeenRecord | undefined): void {
    switch (record.disposition) {
      case 'rejected':
        if (!record.isRepeat) return this.#noteRejection(record);
        return repeatRefusal(this.#database, this.#scope, record.key, this.#at, this.#input.terms);
      case 'held':
        this.#noteHold(record);
        if (seen?.disposition !== 'held' || seen.reason !== record.reason) this.#insertVerdict(record.key, 'held', record.reason, record.message);
        return;
      case 'skipped':
        if (seen !== undefined && seen.disposition !== 'skipped') this.#insertVerdict(record.key, 'skipped', record.reason, null);
        return this.#clearRefusal(record.key, seen, 'skipped');
      case 'unchanged':
        return this.#clearRefusal(record.key, seen, 'unchanged');
      default:
    }
  }

  #noteRejection(record: Extract<StagedTextRecord, { disposition: 'rejected' }>): void {
    const { key, rejection, contentHash } = record;
    const source = this.#vault.write(record.source, this.#input.isSealed);
    noteRefusal(this.#database, this.#vault, { scope: this.#scope, key, rejection, contentHash, source, at: this.#at, terms: this.#input.terms });
    this.#insertVerdict(key, 'rejected', rejection.reason, { ...rejection });
  }

  #noteHold({ key, source, reason }: Extract<StagedTextRecord, { disposition: 'held' }>): void {
    const sealed = this.#vault.write(source, this.#input.isSealed);
    noteHold(this.#database, {
      scope: this.#scope,
      key,
      source: sealed,
      at: this.#at,
      terms: this.#input.terms,
      isWaiting: reason === 'unknown' || reason === 'missing-reference',
    });
  }

  #clearRefusal(key: string, seen: SeenRecord | undefined, outcome: 'unchanged' | 'skipped'): void {
    if (seen?.lastOutcome === 'rejected' || seen?.lastOutcome === 'held') forgetRefusal(this.#database, this.#scope, key, outcome);
  }

  #insertVerdict(key: string, disposition: string, reason: string, detail: Parameters<Vault['write']>[0]): void {
    const sql = 'INSERT INTO verdicts (scope, key, run_id, at, disposition, reason, detail) VALUES (?, ?, ?, ?, ?, ?, ?)';
    const sealed = detail === null ? null : this.#vault.write(detail, this.#input.isSealed);
    this.#database.run(sql, this.#scope, key, this.#input.runId, this.#at, disposition, reason, sealed);
  }

  #sight(record: StagedTextRecord, seen: SeenRecord | undefined, change: SeenChange | undefined): void {
    const { runId, segment } = this.#input;
    const { key, disposition } = record;
    const reason = record.disposition === 'held' || record.disposition === 'skipped' ? record.reason : undefined;
    const rejectedHash = record.disposition === 'rejected' ? record.contentHash : seen?.rejectedHash;
    this.#seen.set(key, { isOfThisRun: true, disposition, reason, change, lastOutcome: disposition, rejectedHash, toldHash: seen?.toldHash });
    const wasChanged = this.#changed.delete(key);
    if (disposition === 'unchanged' && seen !== undefined && !wasChanged) return void this.#unchanged.add(key);
    this.#unchanged.delete(key);
    if (change !== undefined) return void this.#changed.set(key, change.id);
    this.#database.run(
      `INSERT INTO sightings (scope, key, first_run, first_seen_at, last_run, last_segment, last_seen_at, disposition, reason, change_id)
       VALUES (?1, ?2, ?3, ?4, ?3, ?5, ?4, ?6, ?7, ?8)
       ON CONFLICT DO UPDATE SET last_seen_at = ?4, last_run = ?3, last_segment = ?5, disposition = ?6, reason = ?7, change_id = ?8`,
      this.#sightings,
      key,
      runId,
      this.#at,
      segment,
      disposition,
      reason ?? null,
      null,
    );
  }
}
