import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Target } from '../connectors/ports.ts';
import { offers } from '../definition/offered.ts';
import type { ResolvedSync } from '../definition/resolved.ts';
import { takesAway } from '../definition/sync-mode.ts';
import { SyncError } from '../engine/errors.ts';
import { accountScope, syncScope } from '../engine/ids.ts';
import { addToTally, driftOf, type FieldTally, fewerThanTold, learnFormats, withoutFormats } from '../engine/reconcile.ts';
import type { Finding, Reconciliation } from '../ledger/drift-store.ts';
import type { RecordState } from '../ledger/ledger.ts';
import type { ReconcileInput, ReconcileResult } from './activities.ts';
import { countRecords } from './count-target.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { findExtras } from './find-extras.ts';
import { whileBeating } from './heartbeat.ts';
import { isInSample } from './sample.ts';

const PAGE = 200;
/** So long is waited once for what was written just now, and may not be found yet. */
const LONGEST_PATIENCE_MS = 60_000;

/** Reads the target back and compares it with what was written; see `Activities.reconcile`. Goes on after the last page that was compared. */
export async function reconcile(dependencies: ActivityDependencies, { ref, id, samplePercent, isOfCounts = false }: ReconcileInput): Promise<ReconcileResult> {
  const { definition } = await dependencies.loadSync(ref.sync);
  const begun = await dependencies.ledger.beginReconciliation({ id, scope: syncScope(ref), at: dependencies.now() });
  const comparing = new Comparing(dependencies, definition, begun, samplePercent);
  const ended = await whileBeating(
    dependencies,
    id,
    () => ({ segment: 0, done: comparing.checked }),
    () => (isOfCounts ? comparing.count() : comparing.run()),
  );
  const { checked, found, counts } = ended;
  return { checked, found, ...(counts === undefined ? {} : { fewer: fewerThanTold(counts) }) };
}

class Comparing {
  checked = 0;
  readonly #dependencies: ActivityDependencies;
  readonly #definition: ResolvedSync;
  readonly #begun: Reconciliation;
  readonly #samplePercent: number | undefined;
  readonly #target: Target;
  readonly #isSealed: boolean;
  #tally: FieldTally;
  #hasWaited = false;

  constructor(dependencies: ActivityDependencies, definition: ResolvedSync, begun: Reconciliation, samplePercent: number | undefined) {
    const { connection, object, matchOn } = definition.sync.target;
    this.#dependencies = dependencies;
    this.#definition = definition;
    this.#begun = begun;
    this.#samplePercent = samplePercent;
    this.#target = this.#open(connection).target(object, matchOn);
    this.#isSealed =
      definition.values !== 'plain' || Object.values(definition.sync.mapping).some((rule) => typeof rule === 'object' && rule.sensitive === true);
    this.#tally = begun.tally;
  }

  async run(): Promise<Reconciliation> {
    const { ledger, now } = this.#dependencies;
    const { id, scope, formats } = this.#begun;
    const { connection, object } = this.#definition.sync.target;
    if (!this.#target.canSearch) throw cannotRead(connection, object);
    for (let afterKey: string | undefined = this.#begun.afterKey; afterKey !== undefined; ) {
      this.#throwIfStopped();
      const page: readonly RecordState[] = await ledger.listRecords(scope, { afterKey, limit: PAGE });
      const chosen = page.filter((record) => isToCompare(record) && isInSample(record.key, this.#samplePercent));
      const findings = await this.#compare(chosen);
      this.checked += chosen.length;
      const last: string = page.at(-1)?.key ?? afterKey;
      await ledger.addFindings(id, { afterKey: last, checked: chosen.length, findings, tally: this.#tally, isSealed: this.#isSealed });
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
    const inTarget = await countRecords(this.#open(connection).source(object), Context.current().cancellationSignal);
    return ledger.endReconciliation(id, { formats, counts: { told: await ledger.countTold(scope), inTarget } }, now());
  }

  async #compare(records: readonly RecordState[]): Promise<readonly Finding[]> {
    const hits = await this.#find(records);
    const findings: Finding[] = [];
    for (const { key, match = '', targetId, fields: written = {} } of records) {
      const found = hits.get(match) ?? [];
      const named = { key, match, ...(targetId === undefined ? {} : { targetId }) };
      const hit = found.find((one) => one.id === targetId) ?? found[0];
      if (hit === undefined) findings.push({ kind: 'missing', ...named, fields: [] });
      else if (found.length > 1) findings.push({ kind: 'duplicated', ...named, fields: [] });
      else {
        const drifts = driftOf(written, hit.fields);
        this.#tally = addToTally(this.#tally, drifts);
        if (withoutFormats(drifts, { ...this.#begun.formats, ...this.#definition.formats }).length > 0)
          findings.push({ kind: 'changed', ...named, targetId: hit.id, fields: drifts });
      }
    }
    return findings;
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
    const described = this.#definition.connections[connection]?.objects[object];
    if (described === undefined || !offers(described, 'list')) return;
    const pages = findExtras(ledger, this.#open(connection).source(object), { targetScope, matchOn, signal: Context.current().cancellationSignal });
    for await (const findings of pages) await ledger.addFindings(this.#begun.id, { ...place, afterKey: LAST, findings });
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

/** After all keys: what is left is not compared again. */
const LAST = '\u{10ffff}';

function isToCompare({ contentHash, hasUnknown, fields }: RecordState): boolean {
  return contentHash !== undefined && contentHash !== 'archived' && !hasUnknown && fields !== undefined;
}

function cannotRead(connection: string, object: string): SyncError {
  return new SyncError({
    code: 'DEFINITION_INVALID',
    retry: 'never',
    message: `${connection} ${object} has no \`search\`: what is there cannot be compared. Describe how it is searched by its match field.`,
  });
}
