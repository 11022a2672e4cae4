import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { addFoundById, targetAsSource } from '../connectors/find-by-id.ts';
import type { Page, Source, Target } from '../connectors/ports.ts';
import type { ResolvedSync } from '../definition/resolved.ts';
import { takesAway } from '../definition/sync-mode.ts';
import { wantedOfTarget } from '../definition/wanted-of-target.ts';
import { SyncError } from '../engine/errors.ts';
import { accountScope, runIdOf, syncScope } from '../engine/ids.ts';
import { addToTally, driftOf, type FieldTally, fewerThanTold, learnFormats, withoutFormats } from '../engine/reconcile.ts';
import type { Finding, Reconciliation } from '../ledger/drift-store.ts';
import type { Ledger, RecordState, SharedTarget } from '../ledger/ledger.ts';
import type { ReconcileInput, ReconcileResult } from './activities.ts';
import type { ComparingBudget } from './comparing-budget.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { findExtras } from './find-extras.ts';
import { whileBeating } from './heartbeat.ts';
import type { ListPlaces, PlacesOf } from './list-places.ts';
import { readOn } from './read-on.ts';
import { isInSample } from './sample.ts';

const PAGE = 200;
const SHARED_PAGE = 10_000;
const FINDINGS_PAGE = 1_000;
/** So long is waited once for what was written just now, and may not be found yet. */
const LONGEST_PATIENCE_MS = 60_000;

/** Of a worker, over all attempts. */
interface ComparingMemory {
  readonly budget: ComparingBudget;
  readonly places: ListPlaces;
}

/** Reads the target back and compares it with what was written; see `Activities.reconcile`. Goes on after the last page that was compared. */
export async function reconcile(dependencies: ActivityDependencies, { budget, places }: ComparingMemory, input: ReconcileInput): Promise<ReconcileResult> {
  const { ref, id, isOfCounts = false } = input;
  const { definition } = await dependencies.loadSync(ref.sync);
  await dependencies.ledger.setPhase(runIdOf(id), 'reconciling');
  const begun = await dependencies.ledger.beginReconciliation({ id, scope: syncScope(ref), at: dependencies.now() });
  const comparing = new Comparing(dependencies, { definition, begun, places: places.of(id), samplePercent: input.samplePercent });
  const ended = await whileBeating(
    dependencies,
    id,
    () => ({ segment: 0, done: comparing.checked }),
    () => (isOfCounts ? comparing.count() : comparing.run()),
  ).catch(async (error: unknown) => {
    const hasGotOn = comparing.checked + comparing.pages > 0;
    const progress = { hasGotOn, hasBegun: hasGotOn || begun.checked > 0, giveUpAfterMs: definition.giveUpAfterMs };
    const failure = await budget.judge(dependencies, input, progress, error);
    if (!(failure instanceof SyncError) || failure.retry === 'never') places.forget(id);
    throw failure;
  });
  places.forget(id);
  const { checked, found, counts } = ended;
  return { checked, found, ...(counts === undefined ? {} : { fewer: fewerThanTold(counts) }) };
}

type Hits = Awaited<ReturnType<Target['search']>>;

interface ComparingParts {
  readonly definition: ResolvedSync;
  readonly begun: Reconciliation;
  readonly places: PlacesOf;
  readonly samplePercent: number | undefined;
}

class Comparing {
  checked = 0;
  /** Of lists. */
  pages = 0;
  readonly #dependencies: ActivityDependencies;
  readonly #definition: ResolvedSync;
  readonly #begun: Reconciliation;
  readonly #places: PlacesOf;
  readonly #samplePercent: number | undefined;
  readonly #target: Target;
  readonly #isSealed: boolean;
  #tally: FieldTally;
  #hasWaited = false;
  #overwritten: ReadonlySet<string> = new Set();

  constructor(dependencies: ActivityDependencies, { definition, begun, places, samplePercent }: ComparingParts) {
    const { connection, object, matchOn } = definition.sync.target;
    this.#dependencies = dependencies;
    this.#definition = definition;
    this.#begun = begun;
    this.#places = places;
    this.#samplePercent = samplePercent;
    this.#target = this.#open(connection).target(object, matchOn, undefined, wantedOfTarget(definition));
    this.#isSealed =
      definition.values !== 'plain' || Object.values(definition.sync.mapping).some((rule) => typeof rule === 'object' && rule.sensitive === true);
    this.#tally = begun.tally;
  }

  async run(): Promise<Reconciliation> {
    const { ledger, now } = this.#dependencies;
    const { id, scope, formats } = this.#begun;
    const { connection, object } = this.#definition.sync.target;
    if (!this.#target.canSearch) throw cannotRead(connection, object);
    this.#overwritten = await readOverwritten(ledger, scope);
    for (let afterKey: string | undefined = this.#begun.afterKey; afterKey !== undefined; ) {
      this.#throwIfStopped();
      const page: readonly RecordState[] = await ledger.listRecords(scope, { afterKey, limit: PAGE });
      const chosen = page.filter((record) => isToCompare(record) && isInSample(record.key, this.#samplePercent));
      const { findings, checked } = await this.#compare(chosen);
      this.checked += checked;
      const last: string = page.at(-1)?.key ?? afterKey;
      await ledger.addFindings(id, { afterKey: last, checked, findings, tally: this.#tally, isSealed: this.#isSealed });
      afterKey = page.length < PAGE ? undefined : last;
    }
    if (takesAway(this.#definition.sync.target) && this.#samplePercent === undefined) await this.#addExtras();
    return ledger.endReconciliation(id, { formats: { ...learnFormats(this.#tally, formats), ...this.#definition.formats } }, now());
  }

  /** Only how many records the target has, beside how many it was told of. */
  async count(): Promise<Reconciliation> {
    const { ledger, now } = this.#dependencies;
    const { id, scope, formats } = this.#begun;
    const { connection, object } = this.#definition.sync.target;
    const inTarget = await this.#countOf(this.#open(connection).source(object));
    return ledger.endReconciliation(id, { formats, counts: { told: await ledger.countTold(scope), inTarget } }, now());
  }

  /** As the object says itself, else page by page. */
  async #countOf(object: Source): Promise<number> {
    for await (const { total } of this.#readOn(object, 'count')) if (total !== undefined) return total;
    return this.#places.get('count')?.records ?? 0;
  }

  async #compare(records: readonly RecordState[]): Promise<{ readonly findings: readonly Finding[]; readonly checked: number }> {
    const hits = await this.#addFoundById(await this.#find(records), records);
    const findings: Finding[] = [];
    let checked = records.length;
    for (const { key, match = '', targetId, fields: written = {}, kept = [] } of records) {
      const found = hits.get(match) ?? [];
      const named = { key, match, ...(targetId === undefined ? {} : { targetId }) };
      const hit = found.find((one) => one.id === targetId) ?? found[0];
      if (hit === undefined) findings.push({ kind: 'missing', ...named, fields: [] });
      else if (this.#overwritten.has(key)) checked -= 1;
      else if (found.length > 1) findings.push({ kind: 'duplicated', ...named, fields: [] });
      else {
        const drifts = driftOf(written, hit.fields).filter(({ field }) => !kept.includes(field));
        this.#tally = addToTally(this.#tally, drifts);
        if (withoutFormats(drifts, { ...this.#begun.formats, ...this.#definition.formats }).length > 0)
          findings.push({ kind: 'changed', ...named, targetId: hit.id, fields: drifts });
      }
    }
    return { findings, checked };
  }

  /** What others gave another match value is there still; where another record of the source did, it is that one's. */
  #addFoundById(hits: Hits, records: readonly RecordState[]): Promise<Hits> {
    const { matchOn } = this.#definition.sync.target;
    const sought = records.flatMap(({ key, match, targetId }) =>
      match === undefined || hits.has(match) || this.#overwritten.has(key) ? [] : [{ kind: 'update' as const, match, toldMatch: match, targetId }],
    );
    return addFoundById(hits, sought, {
      source: targetAsSource(this.#definition, (name) => this.#open(name)),
      matchOn,
      signal: Context.current().cancellationSignal,
    });
  }

  /** What was written a moment ago may not be shown yet: once, the search is given its time. */
  async #find(records: readonly RecordState[]): ReturnType<Target['search']> {
    const signal = Context.current().cancellationSignal;
    const matches = records.flatMap(({ match }) => match ?? []);
    if (matches.length === 0) return new Map();
    const found = await this.#target.search(matches, signal);
    const patienceMs = Math.min(this.#target.indexingDelayMs, LONGEST_PATIENCE_MS);
    if (this.#hasWaited || patienceMs === 0 || matches.every((match) => found.has(match))) return found;
    this.#hasWaited = true;
    await sleep(patienceMs, undefined, { signal });
    return this.#target.search(matches, signal);
  }

  async #addExtras(): Promise<void> {
    const { ledger } = this.#dependencies;
    const { ref, sync } = this.#definition;
    const { connection, object, matchOn } = sync.target;
    const targetScope = `${accountScope(ref.project, ref.profile, connection)}/${object}`;
    const place = { afterKey: '', checked: 0, tally: this.#tally, isSealed: this.#isSealed };
    const source = targetAsSource(this.#definition, (name) => this.#open(name));
    if (source === undefined) return;
    const told = await toldExtras(ledger, this.#begun);
    for await (const page of this.#readOn(source, 'extras')) {
      const extras = await findExtras(ledger, page, { targetScope, matchOn });
      const findings = extras.filter(({ targetId }) => !told.has(targetId));
      await ledger.addFindings(this.#begun.id, { ...place, afterKey: LAST, findings });
    }
  }

  async *#readOn(source: Source, name: string): AsyncGenerator<Page> {
    const signal = Context.current().cancellationSignal;
    for await (const page of readOn(source, { name, places: this.#places, signal, throwIfStopped: () => this.#throwIfStopped() })) {
      yield page;
      this.pages += 1;
    }
  }

  #open(name: string): ReturnType<ActivityDependencies['connections']['open']> {
    const { ref, connections, priority } = this.#definition;
    const connection = connections[name];
    if (connection === undefined) throw new Error(`no connection ${name} in a resolved definition`);
    return this.#dependencies.connections.open(accountScope(ref.project, ref.profile, name), connection, { name: ref.sync, priority });
  }

  #throwIfStopped(): void {
    Context.current().cancellationSignal.throwIfAborted();
    if (this.#dependencies.draining.aborted)
      throw new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: { afterMs: 100 }, message: 'The worker is shutting down; another one goes on.' });
  }
}

/** Of several that are one record in the target, it can be as one of them was told alone: the last. The others are there, or missing. */
async function readOverwritten(ledger: Ledger, scope: string): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for (let afterRef: string | undefined = ''; afterRef !== undefined; ) {
    const shared: readonly SharedTarget[] = await ledger.listShared(scope, { afterRef, limit: SHARED_PAGE });
    for (const target of shared) for (const key of target.keys.slice(1)) keys.add(key);
    afterRef = shared.length < SHARED_PAGE ? undefined : shared.at(-1)?.ref;
  }
  return keys;
}

/** By their ids: what an attempt before has told of the list, which may be read from its first page again. */
async function toldExtras(ledger: Ledger, { id, afterKey }: Reconciliation): Promise<ReadonlySet<string | undefined>> {
  const ids = new Set<string | undefined>();
  for (let after: number | undefined = afterKey === LAST ? 0 : undefined; after !== undefined; ) {
    const page: Awaited<ReturnType<Ledger['listFindings']>> = await ledger.listFindings(id, { after, limit: FINDINGS_PAGE });
    for (const { kind, targetId } of page) if (kind === 'extra') ids.add(targetId);
    after = page.length < FINDINGS_PAGE ? undefined : page.at(-1)?.number;
  }
  return ids;
}

/** After all keys: what is left is not compared again. */
const LAST = '\u{10ffff}';

/** What the target was told of a record is kept where it was found missing, and is believed no more. */
function isToCompare({ contentHash, hasUnknown, fields }: RecordState): boolean {
  return fields !== undefined && contentHash !== 'archived' && !hasUnknown;
}

function cannotRead(connection: string, object: string): SyncError {
  return new SyncError({
    code: 'DEFINITION_INVALID',
    retry: 'never',
    message: `${connection} ${object} has no \`search\`: what is there cannot be compared. Describe how it is searched by its match field.`,
  });
}
