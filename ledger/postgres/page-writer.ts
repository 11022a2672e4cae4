import { number } from '../rows/row.ts';
import type { StagedText, StagePageTexts } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import type { Session } from './session.ts';

const DROP = `UPDATE changes SET state = 'dropped', settled_at = $2, source = NULL, payload = NULL WHERE id = ANY($1::bigint[])`;

/** The numbers of the new rows are in the order of the page. */
const INSERT_CHANGES = `
  INSERT INTO changes (run_id, segment, scope, key, kind, state, payload, source, content_hash, match, target_scope, target_id, source_version, observed_at, bytes, staged_at)
  SELECT $1, $2::integer, $3, c.key, c.kind, 'planned', c.payload, c.source, c.content_hash, c.match, $4, c.target_id, c.source_version, $5::bigint, c.bytes, $6::bigint
  FROM unnest($7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::bigint[])
    WITH ORDINALITY AS c(key, kind, payload, source, content_hash, match, target_id, source_version, bytes, n) ORDER BY c.n RETURNING id`;

const INSERT_VERDICTS = `
  INSERT INTO verdicts (scope, key, run_id, at, disposition, reason, detail)
  SELECT $1, v.key, $2, $3::bigint, v.disposition, v.reason, v.detail FROM unnest($4::text[], $5::text[], $6::text[], $7::text[]) WITH ORDINALITY AS v(key, disposition, reason, detail, n) ORDER BY v.n`;

const SIGHT = `
  INSERT INTO sightings (scope, key, first_run, first_seen_at, last_run, last_segment, last_seen_at, disposition, reason, change_id)
  SELECT $1, s.key, $2, $3::bigint, $2, $4::integer, $3::bigint, s.disposition, s.reason, s.change_id
  FROM unnest($5::text[], $6::text[], $7::text[], $8::bigint[]) AS s(key, disposition, reason, change_id)
  ON CONFLICT (scope, key) DO UPDATE SET last_seen_at = excluded.last_seen_at, last_run = excluded.last_run, last_segment = excluded.last_segment,
    disposition = excluded.disposition, reason = excluded.reason, change_id = excluded.change_id`;

const SIGHT_UNCHANGED = `
  UPDATE sightings SET last_seen_at = $3, last_run = $2, last_segment = $4, disposition = 'unchanged', reason = NULL, change_id = NULL
  WHERE scope = $1 AND key = ANY($5::text[])`;

export interface Verdict {
  readonly key: string;
  readonly disposition: string;
  readonly reason: string;
  readonly detail: string | null;
}

export interface Sighting {
  readonly key: string;
  readonly disposition: string;
  readonly reason: string | undefined;
  readonly changeId: number | undefined;
}

type Place = Pick<StagePageTexts, 'runId' | 'segment' | 'targetScope' | 'observedAt' | 'isSealed'> & {
  readonly scope: string;
  /** Where the run keeps its sightings. */
  readonly sightings: string;
  readonly at: number;
};

/** Writes the rows of a page, many at a time. */
export class PageWriter {
  readonly #session: Session;
  readonly #vault: Vault;
  readonly #place: Place;

  constructor(session: Session, vault: Vault, place: Place) {
    this.#session = session;
    this.#vault = vault;
    this.#place = place;
  }

  async dropChanges(ids: readonly number[]): Promise<void> {
    if (ids.length > 0) await this.#session.run(DROP, ids, this.#place.at);
  }

  /** @returns their ids, in their order */
  async insertChanges(changes: readonly (StagedText & { readonly key: string })[]): Promise<readonly number[]> {
    if (changes.length === 0) return [];
    const { runId, segment, scope, targetScope, observedAt, at, isSealed } = this.#place;
    const rows = await this.#session.all(
      INSERT_CHANGES,
      runId,
      segment,
      scope,
      targetScope,
      Math.round(observedAt),
      at,
      changes.map(({ key }) => key),
      changes.map(({ kind }) => kind),
      changes.map(({ payload }) => this.#vault.seal(payload, isSealed)),
      changes.map(({ sourceText }) => this.#vault.seal(sourceText, isSealed)),
      changes.map(({ contentHash }) => contentHash),
      changes.map(({ match }) => this.#vault.fingerprint(match)),
      changes.map(({ targetId }) => targetId ?? null),
      changes.map(({ sourceVersion }) => sourceVersion ?? null),
      changes.map(({ bytes }) => bytes),
    );
    return rows.map((row) => number(row, 'id'));
  }

  async insertVerdicts(verdicts: readonly Verdict[]): Promise<void> {
    if (verdicts.length === 0) return;
    const { scope, runId, at } = this.#place;
    const columns = [verdicts.map(({ key }) => key), verdicts.map(({ disposition }) => disposition), verdicts.map(({ reason }) => reason)];
    await this.#session.run(
      INSERT_VERDICTS,
      scope,
      runId,
      at,
      ...columns,
      verdicts.map(({ detail }) => detail),
    );
  }

  async sight(sightings: readonly Sighting[]): Promise<void> {
    if (sightings.length === 0) return;
    const { sightings: scope, runId, segment, at } = this.#place;
    const columns = [sightings.map(({ key }) => key), sightings.map(({ disposition }) => disposition), sightings.map(({ reason }) => reason ?? null)];
    await this.#session.run(
      SIGHT,
      scope,
      runId,
      at,
      segment,
      ...columns,
      sightings.map(({ changeId }) => changeId ?? null),
    );
  }

  /** Known before this run, and nothing new: their sightings are moved on. */
  async sightUnchanged(keys: readonly string[]): Promise<void> {
    const { sightings: scope, runId, segment, at } = this.#place;
    if (keys.length > 0) await this.#session.run(SIGHT_UNCHANGED, scope, runId, at, segment, keys);
  }
}
