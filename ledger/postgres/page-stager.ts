import { asOutcome, isNothingNew, isOlder, type SeenRecord } from '../rows/seen-record.ts';
import { Counts } from '../rows/segment-row.ts';
import type { StagedText, StagedTextRecord, StagePageTexts } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import { noteAwaited } from './awaited-references.ts';
import { PageWriter, type Sighting, type Verdict } from './page-writer.ts';
import { forgetRefusals, type Hold, noteHolds, noteRefusals, type Refusal, repeatRefusals } from './refusals.ts';
import type { Reader } from './seen-records.ts';
import type { Session } from './session.ts';

/** Goes through the records of one page, and writes what it decided of them all together: sightings, changes, verdicts, refusals, counters. */
export class PageStager {
  staged = 0;
  readonly counts = new Counts();
  readonly #session: Session;
  readonly #vault: Vault;
  readonly #input: StagePageTexts;
  readonly #scope: string;
  readonly #at: number;
  readonly #seen: Map<string, SeenRecord>;
  readonly #writer: PageWriter;
  /** What counts of each key: an older page says nothing. */
  readonly #accepted = new Map<string, StagedTextRecord>();
  /** What is to be written, each key in it once. */
  #pending = new Pending();

  constructor(session: Session, vault: Vault, input: StagePageTexts, { scope, lane }: Pick<Reader, 'scope' | 'lane'>, seen: Map<string, SeenRecord>) {
    this.#session = session;
    this.#vault = vault;
    this.#input = input;
    this.#scope = scope;
    this.#at = Math.round(input.at);
    this.#seen = seen;
    this.#writer = new PageWriter(session, vault, { ...input, scope, sightings: scope + lane, at: this.#at });
  }

  async stageAll(): Promise<void> {
    for (const record of this.#input.records) {
      // What a page says twice of a record is written one after the other.
      if (this.#pending.keys.has(record.key)) await this.#flush();
      this.#stage(record);
    }
    await this.#flush();
    await noteAwaited(this.#session, this.#vault, { scope: this.#scope, records: this.#accepted, isSealed: this.#input.isSealed });
  }

  #stage(record: StagedTextRecord): void {
    const { key, disposition } = record;
    const seen = this.#seen.get(key);
    if (seen?.isOfThisRun === true) {
      this.counts.add('seen_again');
      if (isNothingNew(record, seen) || isOlder(record, this.#input.observedAt, seen)) return;
      this.#withdraw(seen);
    } else {
      this.counts.add(this.#input.isRetry ? 'retried' : 'taken');
    }
    this.#pending.keys.add(key);
    this.#accepted.set(key, record);
    if (record.disposition === 'change') this.#pending.changes.push({ ...record.change, key });
    else this.counts.add(record.disposition); // a change is counted when it is settled
    this.#noteVerdict(record, seen);
    const reason = record.disposition === 'held' || record.disposition === 'skipped' ? record.reason : undefined;
    const rejectedHash = record.disposition === 'rejected' ? record.contentHash : seen?.rejectedHash;
    this.#seen.set(key, { isOfThisRun: true, disposition, reason, change: undefined, lastOutcome: disposition, rejectedHash, toldHash: seen?.toldHash });
    if (disposition === 'unchanged' && seen !== undefined) this.#pending.unchanged.push(key);
    else this.#pending.sightings.push({ key, disposition, reason, changeId: undefined });
  }

  /** What this run had decided about a key gives way to what a later page says. A change that is being sent stays, and is no longer the key's latest. */
  #withdraw({ change, disposition }: SeenRecord): void {
    if (change === undefined) this.counts.add(asOutcome(disposition), -1);
    else if (change.state === 'planned') this.#pending.dropped.push(change.id);
    else if (change.state === 'settled' && change.outcome === 'written') this.counts.addWritten(change.created, -1);
    else if (change.state === 'settled' && change.outcome !== undefined) this.counts.add(asOutcome(change.outcome), -1);
  }

  /** Keeps what is new about a record without a change: for the list of refused ones, and for its story. */
  #noteVerdict(record: StagedTextRecord, seen: SeenRecord | undefined): void {
    const { key } = record;
    switch (record.disposition) {
      case 'rejected':
        if (record.isRepeat) return void this.#pending.repeated.push(key);
        this.#pending.refusals.push({ key, rejection: record.rejection, contentHash: record.contentHash, source: this.#seal(record.source) });
        return this.#addVerdict(key, 'rejected', record.rejection.reason, this.#seal({ ...record.rejection }));
      case 'held': {
        const isWaiting = record.reason === 'unknown' || record.reason === 'missing-reference';
        this.#pending.holds.push({ key, source: this.#seal(record.source), isWaiting });
        if (seen?.disposition !== 'held' || seen.reason !== record.reason) this.#addVerdict(key, 'held', record.reason, this.#seal(record.message));
        return;
      }
      case 'skipped':
        if (seen !== undefined && seen.disposition !== 'skipped') this.#addVerdict(key, 'skipped', record.reason, null);
        return this.#clearRefusal(key, seen, 'skipped');
      case 'unchanged':
        return this.#clearRefusal(key, seen, 'unchanged');
      default:
    }
  }

  #addVerdict(key: string, disposition: string, reason: string, detail: string | null): void {
    this.#pending.verdicts.push({ key, disposition, reason, detail });
  }

  #clearRefusal(key: string, seen: SeenRecord | undefined, outcome: 'unchanged' | 'skipped'): void {
    if (seen?.lastOutcome === 'rejected' || seen?.lastOutcome === 'held') this.#pending.forgotten.push({ key, outcome });
  }

  #seal(value: Parameters<Vault['write']>[0]): string {
    return this.#vault.write(value, this.#input.isSealed);
  }

  async #flush(): Promise<void> {
    const pending = this.#pending;
    if (pending.keys.size === 0) return;
    this.#pending = new Pending();
    const context = { scope: this.#scope, at: this.#at, terms: this.#input.terms };
    await this.#writer.dropChanges(pending.dropped);
    const changeIds = await this.#insertChanges(pending.changes);
    await noteRefusals(this.#session, this.#vault, context, pending.refusals);
    await repeatRefusals(this.#session, context, pending.repeated);
    await noteHolds(this.#session, context, pending.holds);
    await forgetRefusals(this.#session, this.#scope, pending.forgotten);
    await this.#writer.insertVerdicts(pending.verdicts);
    await this.#writer.sight(pending.sightings.map((sighting) => ({ ...sighting, changeId: changeIds.get(sighting.key) })));
    await this.#writer.sightUnchanged(pending.unchanged);
  }

  async #insertChanges(changes: readonly (StagedText & { readonly key: string })[]): Promise<ReadonlyMap<string, number>> {
    const ids = await this.#writer.insertChanges(changes);
    const observedAt = Math.round(this.#input.observedAt);
    this.staged += changes.length;
    for (const [n, { key, contentHash, sourceVersion }] of changes.entries()) {
      const seen = this.#seen.get(key);
      const change = { id: ids[n] ?? 0, state: 'planned', contentHash, outcome: undefined, created: undefined, sourceVersion, observedAt };
      if (seen !== undefined) this.#seen.set(key, { ...seen, change });
    }
    return new Map(changes.map(({ key }, n) => [key, ids[n] ?? 0]));
  }
}

class Pending {
  readonly keys = new Set<string>();
  readonly dropped: number[] = [];
  readonly changes: (StagedText & { readonly key: string })[] = [];
  readonly refusals: Refusal[] = [];
  readonly repeated: string[] = [];
  readonly holds: Hold[] = [];
  readonly forgotten: { readonly key: string; readonly outcome: 'unchanged' | 'skipped' }[] = [];
  readonly verdicts: Verdict[] = [];
  readonly sightings: Sighting[] = [];
  readonly unchanged: string[] = [];
}
