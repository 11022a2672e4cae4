import { targetAsSource } from '../../connectors/find-by-id.ts';
import type { OpenConnection, RequestObserver, SourceRecord } from '../../connectors/ports.ts';
import { keptTimes } from '../../definition/kept-changes.ts';
import { mappingHashOf } from '../../definition/mapping-hash.ts';
import { modeOf, takesAway } from '../../definition/sync-mode.ts';
import { wantedOfTarget } from '../../definition/wanted-of-target.ts';
import { parseDuration } from '../../engine/duration.ts';
import { accountScope, syncScope } from '../../engine/ids.ts';
import type { SyncMode } from '../../engine/outcome.ts';
import { readWindow, type WindowDecision } from '../../engine/window.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { plural } from '../output/text.ts';
import { formatAgo } from '../output/times.ts';
import type { ResolvedWithHash } from '../project.ts';
import { costsOf } from './costs.ts';
import { type ChangeSince, readDefinitionChange } from './definition-change.ts';
import { openMapping } from './open-mapping.ts';
import { type Patience, type PlannedTarget, patientReads } from './patient-reads.ts';
import { type Plan, type PlannedChange, RefusalGroups } from './plan.ts';
import { NO_DELETES, planDeletes } from './plan-deletes.ts';
import { type Entry, Planner, sha256 } from './planner.ts';
import { Lookups } from './read-lookups.ts';
import { readDeleted, readDueRetries, readSource } from './read-source.ts';
import { openShapeMeter, readSourceDrift } from './source-drift.ts';

export interface PlanOptions extends ResolvedWithHash, Patience {
  readonly ledger: Ledger;
  open(connection: string, account: string): OpenConnection;
  /** Whatever the cursor says. */
  readonly isFull: boolean;
  onProgress(read: number): void;
}

/** Reads both sides for real and says what a run would do now. Writes nothing, neither to the ledger nor to the target. */
export async function makePlan(options: PlanOptions): Promise<Plan> {
  const { definition, ledger, signal } = options;
  const { ref, sync } = definition;
  const scope = syncScope(ref);
  const now = Date.now();
  const open = (name: string) => patientReads(options.open(name, accountScope(ref.project, ref.profile, name)), options);
  const reads = new Map<string, number>();
  const counting = (connection: string): RequestObserver => ({ onRequest: () => reads.set(connection, (reads.get(connection) ?? 0) + 1) });
  const source = open(sync.source.connection).source(sync.source.object, counting(sync.source.connection));
  const target = open(sync.target.connection).target(sync.target.object, sync.target.matchOn, wantedOfTarget(definition));
  const lookups = new Lookups(definition, ledger);
  await lookups.read(open, signal);
  const mapping = await openMapping(definition, ledger);
  const meter = openShapeMeter(definition, mapping);
  const planner = new Planner({ definition, mapping, scope, ledger, target, targetAsSource: targetAsSource(definition, open), lookups, now, signal });

  const { from, isForgotten } = await windowOf(options, scope, now);
  const entries = new Map<string, Entry>();
  const add = async (records: readonly SourceRecord[]) => {
    for (const [key, entry] of await planner.plan(records)) entries.set(key, entry);
    options.onProgress(entries.size);
  };
  // A full read meets what was refused in the list; a newer version there goes over what is tried again.
  const due = { at: now, mappingHash: mappingHashOf(sync, sha256) };
  if (from !== undefined) for await (const records of readDueRetries(ledger, source, { scope, due, signal })) await add(records);
  // First what was deleted: what is back in the list by now is not.
  if (takesAway(sync.target)) for await (const key of readDeleted(definition, source, from, signal)) entries.set(key, { outcome: 'skipped', reason: 'gone' });
  for await (const page of readSource(definition, source, from, signal)) {
    for (const { fields } of page.records) meter.observe(fields);
    await add(page.records);
    for (const { key, message } of page.unreadable ?? [])
      entries.set(key, { outcome: 'rejected', rejection: { reason: 'unreadable', message, retry: 'never' } });
  }
  const drift = await readSourceDrift(ledger, definition, mapping, meter, from === undefined);
  const deletes =
    takesAway(sync.target) && !drift.keepsAll
      ? await planDeletes({ definition, ledger, scope, planner, entries, isWhole: from === undefined, readOne: source.readOne, signal })
      : NO_DELETES;
  const changes = [...[...entries.values()].flatMap((entry) => (entry.outcome === 'change' ? [entry.change] : [])), ...deletes.changes];
  const count = (outcome: Entry['outcome']) => [...entries.values()].filter((entry) => entry.outcome === outcome).length;
  const of = (action: PlannedChange['action']) => changes.filter((change) => change.action === action).length;
  const changed = await readDefinitionChange(ledger, options);
  return {
    sync: ref.sync,
    definitionHash: options.hash,
    at: now,
    ...(from === undefined ? {} : { from }),
    counts: {
      read: entries.size,
      create: of('create'),
      update: of('update'),
      unchanged: count('unchanged'),
      skipped: count('skipped'),
      rejected: count('rejected'),
      held: count('held'),
      delete: of('delete') + of('archive'),
    },
    changes,
    refusals: refusalsOf(entries),
    costs: costsOf(definition, target, changes, reads),
    remarks: [
      ...(changed === undefined ? [] : [changeRemark(changed, of('update'), from)]),
      ...(isForgotten === true ? [`${sync.source.connection} keeps changes or deletes for a shorter time than it was not read: everything is read.`] : []),
      ...drift.remarks,
      ...deletes.remarks,
      ...(await additionRemarks(target, modeOf(sync.target), changes)),
    ],
  };
}

/** What the run would add to the target itself. */
async function additionRemarks({ foresee }: PlannedTarget, mode: SyncMode, changes: readonly PlannedChange[]): Promise<readonly string[]> {
  const written = changes.filter(({ action }) => action === 'create' || action === 'update');
  if (foresee === undefined || written.length === 0) return [];
  const records = written.map(({ fields }) => Object.fromEntries(fields.map(({ field, after }) => [field, after])));
  const told = await foresee(mode === 'insert' || mode === 'update' ? 'create' : 'upsert', records);
  return told.map((addition) => `Before it writes, the run ${addition}.`);
}

function changeRemark({ parts, at, isOfEveryRecord }: ChangeSince, updates: number, from: string | undefined): string {
  const isPart = isOfEveryRecord && from !== undefined;
  const effect = isPart ? 'Of what changed in the source since,' : 'By this and by what changed in the source,';
  const rest = isPart ? ' All others stay as they were told: --full takes them, too.' : '';
  return `The definition has changed since the last run (${formatAgo(at, Date.now())}): ${parts.join('; ')}. ${effect} ${plural(updates, 'record')} would be updated.${rest}`;
}

async function windowOf({ definition, ledger, isFull }: PlanOptions, scope: string, now: number): Promise<WindowDecision> {
  const { incremental, fullRead } = definition.sync.source;
  if (incremental === undefined) return { isFull: true };
  const watermark = await ledger.readWatermark(scope);
  return readWindow({
    watermark: watermark?.value,
    lookbackMs: parseDuration(incremental.lookback) ?? 0,
    fullReadEveryMs: fullRead === undefined ? undefined : parseDuration(fullRead.every),
    lastFullReadAt: watermark?.fullReadAt,
    ...keptTimes(definition),
    lastReadAt: watermark?.savedAt,
    now,
    forceFull: isFull,
  });
}

function refusalsOf(entries: ReadonlyMap<string, Entry>): Plan['refusals'] {
  const groups = new RefusalGroups();
  for (const [key, entry] of entries) if (entry.outcome === 'rejected' || entry.outcome === 'held') groups.add(key, entry.rejection);
  return groups.list();
}
