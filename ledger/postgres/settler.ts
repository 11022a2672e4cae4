import { assertNever } from '../../engine/assert-never.ts';
import type { Outcome } from '../../engine/outcome.ts';
import type { ToldFields } from '../../engine/told-after.ts';
import type { ChangeOutcome, SettleInput } from '../ledger.ts';
import { readPayload, writePayload } from '../rows/payload.ts';
import { Counts } from '../rows/segment-row.ts';
import { createdOf, type SendingChange } from '../rows/sending-change.ts';
import { isSealed, type Vault } from '../vault.ts';
import type { HeldBatch } from './batches.ts';
import { type Again, planAgain } from './plan-again.ts';
import { clearRefusals, type Hold, noteAnswered, noteAnswers, noteHolds, noteRefusals, type Refusal } from './refusals.ts';
import { readTexts, type StagedTexts } from './sending-change.ts';
import type { Session } from './session.ts';
import { type SettledDelete, settleDeletes } from './settle-deletes.ts';
import { type EndedChange, endChanges, type ToldChange, tellRecords } from './settled-changes.ts';

export interface SettledPair {
  readonly change: SendingChange;
  readonly outcome: ChangeOutcome;
}

const KNOW_SKIPPED = `
  INSERT INTO records AS known (scope, key, target_scope, target_id) SELECT scope, key, target_scope, target_id FROM changes WHERE id = ANY($1::bigint[])
  ON CONFLICT (scope, key) DO UPDATE SET target_scope = excluded.target_scope, target_id = coalesce(excluded.target_id, known.target_id), has_unknown = 0`;

/** Settles the changes of a batch: decides for each what is to be written, then writes all of it, many at a time. */
export class Settler {
  readonly counts = new Counts();
  readonly #session: Session;
  readonly #vault: Vault;
  readonly #batch: HeldBatch & Pick<SettleInput, 'at' | 'terms'>;
  readonly #ended: EndedChange[] = [];
  readonly #told: ToldChange[] = [];
  readonly #cleared: string[] = [];
  readonly #refusals: Refusal[] = [];
  readonly #holds: Hold[] = [];
  readonly #answers: { readonly key: string; readonly outcome: Outcome | undefined; readonly hasUnknown: boolean }[] = [];
  readonly #answered: string[] = [];
  readonly #skipped: number[] = [];
  readonly #deletes: SettledDelete[] = [];
  readonly #again: Again[] = [];
  #texts: ReadonlyMap<number, StagedTexts> = new Map();

  constructor(session: Session, vault: Vault, batch: HeldBatch & Pick<SettleInput, 'at' | 'terms'>) {
    this.#session = session;
    this.#vault = vault;
    this.#batch = batch;
  }

  async settle(pairs: readonly SettledPair[]): Promise<void> {
    this.#texts = await readTexts(
      this.#session,
      pairs.filter((pair) => this.#needsTexts(pair)).map(({ change }) => change.id),
    );
    for (const { change, outcome } of pairs) this.#decide(change, outcome);
    await this.#write();
  }

  #needsTexts({ change, outcome: settled }: SettledPair): boolean {
    const { outcome } = settled;
    const told = 'told' in settled ? settled.told : undefined;
    if (outcome === 'rejected' || outcome === 'held') return true;
    return (outcome === 'written' || outcome === 'unchanged') && (told !== undefined || !this.#vault.keepsSettledFields || change.isArchived);
  }

  #decide(change: SendingChange, outcome: ChangeOutcome): void {
    if (outcome.outcome === 'again') return void this.#again.push({ change, outcome });
    if (change.isDelete) return void this.#deletes.push({ change, outcome, texts: this.#texts.get(change.id) });
    const { key, isLatest, isRefused } = change;
    const last = isLatest ? outcome.outcome : undefined;
    switch (outcome.outcome) {
      case 'written':
        return this.#tell(change, outcome, createdOf(change.wasTold, outcome));
      case 'unchanged':
        // The target was found to have this content: as good as told.
        return this.#tell(change, outcome, undefined);
      case 'superseded':
        this.#end(change, { id: change.id, outcome: 'superseded' });
        return void this.#answers.push({ key, outcome: last, hasUnknown: false });
      case 'rejected':
        return this.#refuse(change, outcome);
      case 'held':
        return this.#hold(change, outcome);
      case 'skipped':
        // The target has it, or has it not: known by its id from now on, and never told of.
        this.#end(change, { id: change.id, outcome: 'skipped', holdReason: outcome.reason, targetId: outcome.targetId });
        if (isRefused) this.#cleared.push(key);
        this.#answers.push({ key, outcome: last, hasUnknown: false });
        return void this.#skipped.push(change.id);
      default:
        return assertNever(outcome);
    }
  }

  #tell(change: SendingChange, { outcome, targetId, told }: Extract<ChangeOutcome, { outcome: 'written' | 'unchanged' }>, created: number | undefined): void {
    const { id, key, isLatest, isRefused } = change;
    const payload = this.#vault.keepsSettledFields && told === undefined ? undefined : this.#toldPayload(id, told);
    this.#told.push({ id, outcome, created, targetId, isLatest, payload });
    if (isLatest && isRefused) this.#cleared.push(key);
    this.#end(change, { id, outcome, created, targetId });
  }

  #refuse(change: SendingChange, { rejection }: Extract<ChangeOutcome, { outcome: 'rejected' }>): void {
    const { id, key, contentHash, isLatest, isAside } = change;
    const source = this.#texts.get(id)?.source ?? '';
    this.#end(change, { id, outcome: 'rejected', rejection: this.#vault.write({ ...rejection }, isSealed(source)) });
    if (isLatest) this.#refusals.push({ key, rejection, contentHash, source, isAside });
    this.#answered.push(key);
  }

  #hold(change: SendingChange, { reason, message }: Extract<ChangeOutcome, { outcome: 'held' }>): void {
    const { id, key, isLatest, isAside } = change;
    const { payload, source } = this.#texts.get(id) ?? { payload: '', source: '' };
    this.#end(change, { id, outcome: 'held', holdReason: reason, note: this.#vault.write(message, isSealed(payload)) });
    if (isLatest) this.#holds.push({ key, source: source ?? '', isAside, isWaiting: reason === 'unknown' });
    this.#answers.push({ key, outcome: isLatest ? 'held' : undefined, hasUnknown: reason === 'unknown' });
  }

  #end(change: SendingChange, ended: EndedChange): void {
    const isCounted = change.isLatest && !change.isAside;
    if (isCounted && ended.outcome === 'written') this.counts.addWritten(ended.created, 1);
    else if (isCounted) this.counts.add(ended.outcome);
    this.#ended.push(ended);
  }

  #toldPayload(id: number, told: ToldFields | undefined): string {
    const payload = this.#texts.get(id)?.payload ?? '';
    const { match } = readPayload(this.#vault, payload);
    return writePayload(this.#vault, this.#vault.keepsSettledFields ? { match, ...told } : { match }, isSealed(payload));
  }

  async #write(): Promise<void> {
    const { scope, at, terms, runId } = this.#batch;
    const [session, vault] = [this.#session, this.#vault];
    await tellRecords(session, this.#told);
    await clearRefusals(session, scope, this.#cleared);
    await endChanges(session, this.#ended, at, vault.keepsSettledFields);
    await noteRefusals(session, vault, { scope, at, terms }, this.#refusals);
    await noteHolds(session, { scope, at, terms }, this.#holds);
    await noteAnswers(session, scope, this.#answers);
    await noteAnswered(session, scope, this.#answered);
    if (this.#skipped.length > 0) await session.run(KNOW_SKIPPED, this.#skipped);
    await settleDeletes(session, vault, { scope, at }, this.#deletes, this.counts);
    await planAgain(session, { scope, at, terms, runId }, this.#again);
  }
}
