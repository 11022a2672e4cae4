import { assertNever } from '../../engine/assert-never.ts';
import type { ToldFields } from '../../engine/told-after.ts';
import type { ChangeOutcome, RefusalTerms, SettleInput } from '../ledger.ts';
import { readPayload, writePayload } from '../rows/payload.ts';
import { text } from '../rows/row.ts';
import { Counts } from '../rows/segment-row.ts';
import { createdOf, type SendingChange } from '../rows/sending-change.ts';
import { isSealed, type Vault } from '../vault.ts';
import { insertAttempts } from './attempts.ts';
import { heldBatch, noteUnknown } from './batches.ts';
import type { Database } from './database.ts';
import { continuingRun, planAgain } from './plan-again.ts';
import { clearRefusal, noteHold, noteOutcome, noteRefusal } from './refusals.ts';
import { addCost, saveCounts } from './segment-row.ts';
import { readSending, readStanding } from './sending-change.ts';
import { settleDelete } from './settle-delete.ts';
import { IS_CREATED, settleWritten, type WrittenChange } from './settle-written.ts';

/** Outcomes and the ledger's truth in one transaction, by the holder of the token alone; see `ChangeStore.settleBatch`. */
export function settleBatch(database: Database, vault: Vault, input: SettleInput): void {
  const batch = heldBatch(database, input.batchId, input.token);
  insertAttempts(database, input.batchId, input.attempts);
  const asksTold = input.outcomes.some((outcome) => outcome.outcome === 'written' && outcome.created === undefined);
  const { plain, others } = readStanding(database, batch, asksTold);
  const waiting = new Set([...plain.keys(), ...others]);
  const settler = new Settler(database, vault, { at: Math.round(input.at), terms: input.terms }, batch.runId);
  const written: WrittenChange[] = [];
  const rest: ChangeOutcome[] = [];
  for (const outcome of input.outcomes) {
    if (!waiting.delete(outcome.changeId)) continue;
    const wasTold = plain.get(outcome.changeId);
    if (outcome.outcome === 'written' && outcome.told === undefined && wasTold !== undefined && vault.keepsSettledFields) written.push({ wasTold, outcome });
    else rest.push(outcome);
  }
  settler.settleAll(readSending(database, input.batchId, rest), rest);
  settleWritten(database, written, Math.round(input.at), settler.counts);
  if (waiting.size === 0) database.run(`UPDATE batches SET state = 'settled' WHERE id = ?`, input.batchId);
  else noteUnknown(database, { batchId: input.batchId, size: waiting.size, at: Math.round(input.at), hasEnded: true });
  addCost(database, batch.runId, batch.segment, input.cost);
  saveCounts(database, settler.counts, batch.runId, batch.segment);
}

class Settler {
  readonly counts = new Counts();
  readonly #database: Database;
  readonly #vault: Vault;
  readonly #at: number;
  readonly #terms: RefusalTerms;
  readonly #runs: { readonly own: string; readonly next: string | undefined };

  constructor(database: Database, vault: Vault, { at, terms }: Pick<SettleInput, 'at' | 'terms'>, runId: string) {
    this.#database = database;
    this.#vault = vault;
    this.#at = at;
    this.#terms = terms;
    this.#runs = { own: runId, next: continuingRun(database, runId) };
  }

  settleAll(changes: ReadonlyMap<number, SendingChange>, outcomes: readonly ChangeOutcome[]): void {
    for (const outcome of outcomes) {
      const change = changes.get(outcome.changeId);
      if (change !== undefined) this.#settle(change, outcome);
    }
  }

  #settle(change: SendingChange, outcome: ChangeOutcome): void {
    if (change.isDelete && outcome.outcome !== 'again') return settleDelete(this.#database, this.#vault, change, outcome, this.#at, this.counts);
    switch (outcome.outcome) {
      case 'written':
        return this.#written(change, outcome);
      case 'unchanged':
        // The target was found to have this content: as good as told.
        this.#tell(change, outcome);
        return this.#end(change, 'unchanged', { targetId: outcome.targetId });
      case 'superseded':
        this.#end(change, 'superseded');
        return this.#note(change, 'superseded');
      case 'rejected':
        return this.#rejected(change, outcome);
      case 'held':
        return this.#held(change, outcome);
      case 'skipped':
        return this.#skipped(change, outcome);
      case 'again':
        return planAgain(this.#database, change, outcome, { at: this.#at, terms: this.#terms, runs: this.#runs });
      default:
        return assertNever(outcome);
    }
  }

  #written(change: SendingChange, outcome: Extract<ChangeOutcome, { outcome: 'written' }>): void {
    const created = createdOf(change.wasTold, outcome);
    this.#tell(change, outcome, created);
    this.#end(change, 'written', { created, targetId: outcome.targetId });
  }

  /** What the target has now, taken over from the change. A newer verdict on the same record stays. */
  #tell(change: SendingChange, { targetId, outcome, told }: Extract<ChangeOutcome, { outcome: 'written' | 'unchanged' }>, created = 0): void {
    this.#database.run(
      `INSERT INTO records (scope, key, target_scope, target_id, content_hash, told_by, match, payload, source_version, observed_at, last_outcome, is_created)
       SELECT scope, key, target_scope, coalesce(?1, target_id), content_hash, kind, match, coalesce(?2, payload), source_version, observed_at, ?3, ?6
       FROM changes WHERE id = ?4
       ON CONFLICT DO UPDATE SET target_scope = excluded.target_scope, target_id = coalesce(excluded.target_id, target_id), content_hash = excluded.content_hash, told_by = excluded.told_by,
         match = excluded.match, payload = excluded.payload, source_version = excluded.source_version,
         observed_at = excluded.observed_at, last_outcome = CASE WHEN ?5 OR last_outcome IS NULL THEN excluded.last_outcome ELSE last_outcome END, has_unknown = 0, ${IS_CREATED}`,
      targetId ?? null,
      this.#vault.keepsSettledFields && told === undefined ? null : this.#toldPayload(change, told),
      outcome,
      change.id,
      change.isLatest ? 1 : 0,
      created,
    );
    if (change.isLatest && change.isRefused) clearRefusal(this.#database, change.scope, change.key);
  }

  #held(change: SendingChange, { reason, message }: Extract<ChangeOutcome, { outcome: 'held' }>): void {
    const { scope, key, isAside } = change;
    const { payload, source } = this.#texts(change);
    const isUnknown = reason === 'unknown';
    this.#end(change, 'held', { holdReason: reason, note: this.#vault.write(message, isSealed(payload)) });
    if (change.isLatest) noteHold(this.#database, { scope, key, source, isAside, at: this.#at, terms: this.#terms, isWaiting: isUnknown });
    this.#note(change, 'held', isUnknown);
  }

  /** The target has it, or has it not: known by its id from now on, and never told of. */
  #skipped(change: SendingChange, { reason, targetId }: Extract<ChangeOutcome, { outcome: 'skipped' }>): void {
    const { scope, key } = change;
    this.#end(change, 'skipped', { holdReason: reason, targetId });
    if (change.isRefused) clearRefusal(this.#database, scope, key);
    if (change.isLatest) noteOutcome(this.#database, scope, key, 'skipped');
    const sql = `INSERT INTO records (scope, key, target_scope, target_id) SELECT scope, key, target_scope, target_id FROM changes WHERE id = ?
      ON CONFLICT DO UPDATE SET target_scope = excluded.target_scope, target_id = coalesce(excluded.target_id, target_id), has_unknown = 0`;
    this.#database.run(sql, change.id);
  }

  #rejected(change: SendingChange, outcome: Extract<ChangeOutcome, { outcome: 'rejected' }>): void {
    const { scope, key, contentHash, isAside } = change;
    const { rejection } = outcome;
    const { source } = this.#texts(change);
    this.#end(change, 'rejected', { rejection: this.#vault.write({ ...rejection }, isSealed(source)) });
    if (change.isLatest) noteRefusal(this.#database, this.#vault, { scope, key, rejection, contentHash, source, isAside, at: this.#at, terms: this.#terms });
    this.#database.run('UPDATE records SET has_unknown = 0 WHERE scope = ? AND key = ? AND has_unknown', scope, key);
  }

  #texts({ id }: SendingChange): { readonly payload: string; readonly source: string } {
    const row = this.#database.get('SELECT payload, source FROM changes WHERE id = ?', id) ?? {};
    return { payload: text(row, 'payload'), source: text(row, 'source') };
  }

  #toldPayload(change: SendingChange, told: ToldFields | undefined): string {
    const { payload } = this.#texts(change);
    const { match } = readPayload(this.#vault, payload);
    return writePayload(this.#vault, this.#vault.keepsSettledFields ? { match, ...told } : { match }, isSealed(payload));
  }

  #note({ scope, key, isLatest }: SendingChange, outcome: 'superseded' | 'held', hasUnknown = false): void {
    if (isLatest) noteOutcome(this.#database, scope, key, outcome);
    const sql = 'INSERT INTO records (scope, key, has_unknown) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET has_unknown = excluded.has_unknown';
    this.#database.run(sql, scope, key, hasUnknown ? 1 : 0);
  }

  /** What is settled needs its payload no more: the record keeps what the target has, a refusal keeps its source. */
  #end(
    change: SendingChange,
    outcome: 'written' | 'unchanged' | 'superseded' | 'skipped' | 'rejected' | 'held',
    more: {
      readonly created?: number | undefined;
      readonly targetId?: string | undefined;
      readonly rejection?: string;
      readonly holdReason?: string;
      readonly note?: string;
    } = {},
  ): void {
    const isCounted = change.isLatest && !change.isAside;
    if (isCounted && outcome === 'written') this.counts.addWritten(more.created, 1);
    else if (isCounted) this.counts.add(outcome);
    this.#database.run(
      `UPDATE changes SET state = 'settled', outcome = ?, settled_at = ?, created = ?, target_id = coalesce(?, target_id), rejection = ?, hold_reason = ?, note = ?,
         source = NULL, payload = CASE WHEN ? THEN payload END WHERE id = ?`,
      outcome,
      this.#at,
      more.created ?? null,
      more.targetId ?? null,
      more.rejection ?? null,
      more.holdReason ?? null,
      more.note ?? null,
      this.#vault.keepsSettledFields ? 1 : 0,
      change.id,
    );
  }
}
