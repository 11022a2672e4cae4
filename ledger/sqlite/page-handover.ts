import { BatchPicker } from '../rows/batch-picker.ts';
import { optionalText, type Row, text } from '../rows/row.ts';
import { decideUnsent } from '../rows/unsent.ts';
import { AS_GOOD_AS_FULL } from '../segment-store.ts';
import type { HandedBatch, StagedText, StagePageTexts } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import { HELD_UNKNOWN, insertBatch } from './claim-batch.ts';
import type { Database } from './database.ts';
import type { Reader } from './seen-records.ts';

const KNOWN = `
  SELECT r.key, r.target_id AS known_id, r.content_hash AS told_hash, r.observed_at AS told_at, r.source_version AS told_version, r.told_by, r.has_unknown
  FROM json_each(?2) k CROSS JOIN records r ON r.scope = ?1 AND r.key = k.value`;

/** Of these match values, those that another record was written under, or may have been. */
const WRITTEN_UNDER = `
  SELECT DISTINCT o.match FROM json_each(?2) m CROSS JOIN records o INDEXED BY records_by_match ON o.match = m.value AND o.told_by IN ('create', 'update')
  WHERE o.target_scope = ?1 AND o.content_hash IS NOT NULL
  UNION SELECT h.match ${HELD_UNKNOWN} AND h.target_scope = ?1 AND h.match IN (SELECT value FROM json_each(?2))`;

type Batch = { -readonly [Name in keyof HandedBatch]: HandedBatch[Name] } & { changes: HandedBatch['changes'][number][] };

/** Which changes of a page are claimed as they are staged, and which batches that makes; see `SegmentStore.stagePage`. */
export class PageHandover {
  readonly #database: Database;
  readonly #input: StagePageTexts;
  /** By key of a record. */
  readonly #chosen = new Map<string, { readonly batch: Batch; readonly targetId: string | undefined }>();
  readonly #batches = new Map<NonNullable<StagePageTexts['claims']>[number], Batch>();

  /** @param isSeen of this run, on an earlier page */
  constructor(database: Database, vault: Vault, input: StagePageTexts, reader: Pick<Reader, 'scope' | 'lane'>, isSeen: (key: string) => boolean) {
    this.#database = database;
    this.#input = input;
    const claims = input.claims ?? [];
    // A window of the past stands back behind what the live run finds; and what waits already goes first.
    if (claims.length === 0 || reader.lane !== '' || this.#hasPlanned()) return;
    let rows = this.#rows(vault, reader.scope, isSeen);
    for (const claim of claims) {
      const picker = new BatchPicker(claim);
      for (const row of rows) if (!picker.isFull) picker.consider(row);
      if (picker.kind === undefined || (!picker.isFull && picker.chosen.length < AS_GOOD_AS_FULL * picker.limit)) return;
      const batch: Batch = { id: claim.batchId, token: claim.token, kind: picker.kind, changes: [], attempts: 0, sendBy: Math.round(claim.sendBy) };
      this.#batches.set(claim, batch);
      for (const row of picker.chosen) this.#chosen.set(text(row, 'key'), { batch, targetId: optionalText(row, 'target_id') });
      rows = rows.filter((row) => !this.#chosen.has(text(row, 'key')));
    }
  }

  /** The batch that takes the change of this record, and the target id that it is sent with. */
  batchOf(key: string): { readonly id: string; readonly targetId: string | undefined } | undefined {
    const chosen = this.#chosen.get(key);
    return chosen === undefined ? undefined : { id: chosen.batch.id, targetId: chosen.targetId };
  }

  /** The change was staged as part of it. */
  note(key: string, id: number): void {
    const chosen = this.#chosen.get(key);
    chosen?.batch.changes.push({ id, key, targetId: chosen.targetId });
  }

  /** Writes the batches down, once their changes are. */
  finish(): readonly HandedBatch[] {
    const made = [...this.#batches].filter(([, batch]) => batch.changes.length > 0);
    for (const [claim, batch] of made) insertBatch(this.#database, claim, batch.kind, batch.changes.length);
    return made.map(([, batch]) => batch);
  }

  #hasPlanned(): boolean {
    const sql = `SELECT 1 FROM changes INDEXED BY changes_planned WHERE run_id = ? AND segment = ? AND state = 'planned' LIMIT 1`;
    return this.#database.get(sql, this.#input.runId, this.#input.segment) !== undefined;
  }

  /** The page's changes as a claim sees them, where nothing stands in the way: not those of a record that is on it twice, or was met before, nor creates of what another record has made. */
  #rows(vault: Vault, scope: string, isSeen: (key: string) => boolean): Row[] {
    const changes = this.#onceStaged(isSeen);
    const known = new Map(this.#database.all(KNOWN, scope, JSON.stringify([...changes.keys()])).map((row) => [text(row, 'key'), row]));
    const isTaken = this.#takenBy(vault, changes);
    const rows: Row[] = [];
    for (const [key, change] of changes) {
      const told = known.get(key);
      const row = rowOf(key, change, told, this.#input.observedAt);
      if ((change.kind !== 'create' || !isTaken(change.match)) && (told === undefined || isFree(row, this.#input))) rows.push(row);
    }
    return rows;
  }

  #onceStaged(isSeen: (key: string) => boolean): Map<string, StagedText> {
    const met = new Set<string>();
    const changes = new Map<string, StagedText>();
    for (const record of this.#input.records) {
      if (record.disposition === 'change' && !met.has(record.key) && !isSeen(record.key)) changes.set(record.key, record.change);
      else if (met.has(record.key)) changes.delete(record.key);
      met.add(record.key);
    }
    return changes;
  }

  /** @returns whether another record was written under a match value */
  #takenBy(vault: Vault, changes: ReadonlyMap<string, StagedText>): (match: string) => boolean {
    const creates = [...changes.values()].filter(({ kind }) => kind === 'create').map(({ match }) => vault.fingerprint(match));
    if (creates.length === 0) return () => false;
    const taken = new Set(this.#database.all(WRITTEN_UNDER, this.#input.targetScope, JSON.stringify(creates)).map((row) => text(row, 'match')));
    return (match) => taken.has(vault.fingerprint(match));
  }
}

function rowOf(key: string, change: StagedText, told: Row | undefined, observedAt: number): Row {
  const { kind, match, contentHash, sourceVersion = null, bytes } = change;
  const id = change.targetId ?? told?.['known_id'] ?? null;
  return {
    ...told,
    key,
    match,
    kind,
    staged_kind: kind,
    content_hash: contentHash,
    source_version: sourceVersion,
    bytes,
    observed_at: Math.round(observedAt),
    target_id: id,
    staged_target_id: id,
  };
}

/** Nothing became of the record since that would settle its change, or make another kind of it: whatever claims it. */
function isFree(row: Row, { claims = [] }: StagePageTexts): boolean {
  const kind = row['kind'];
  return claims.every((claim) => decideUnsent(row, claim) === undefined && row['kind'] === kind);
}
