import { targetAsSource } from '../connectors/find-by-id.ts';
import type { Connections, OpenConnection, RequestObserver, Source, Target } from '../connectors/ports.ts';
import { mappingHashOf } from '../definition/mapping-hash.ts';
import { offers } from '../definition/offered.ts';
import { type ResolvedSync, resolvedSyncSchema } from '../definition/resolved.ts';
import { sourceNameOf } from '../definition/source-name.ts';
import { modeOf } from '../definition/sync-mode.ts';
import { usedBySync } from '../definition/used-by-sync.ts';
import { wantedOfTarget } from '../definition/wanted-of-target.ts';
import type { UsedField } from '../engine/compare-shapes.ts';
import type { TargetAbilities } from '../engine/diff.ts';
import { SyncError } from '../engine/errors.ts';
import { compileExpression, type Expression } from '../engine/expression.ts';
import { splitPath } from '../engine/field-path.ts';
import { accountScope, syncScope } from '../engine/ids.ts';
import { compileMapping, type Mapping, refLookupName } from '../engine/map-record.ts';
import type { SyncMode } from '../engine/outcome.ts';
import type { RefusalTerms, Run } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { SampleTaker } from './sample-taker.ts';
import { withWantedJobs } from './wanted-jobs.ts';

/** What a step of a run works with: the frozen definition, compiled once per process, and its connections. */
export interface RunContext {
  readonly run: Run;
  readonly scope: string;
  readonly definition: ResolvedSync;
  readonly mapping: Mapping;
  /** Of source, mapping and lookups: what a rejection depends on besides the record. */
  readonly mappingHash: string;
  readonly filter: Expression | undefined;
  /** True for a record that the source keeps as deleted. */
  readonly tombstone: Expression | undefined;
  /** When what this run refuses or holds is tried again. */
  readonly terms: RefusalTerms;
  /** Target fields whose values are hidden in messages, and always encrypted at rest. */
  readonly sensitiveFields: readonly string[];
  /** The field that says which version of a record is the newer: the incremental one, or the source time of the conflict rule. */
  readonly cursorField: Expression | undefined;
  /** Connection and object that are read. */
  readonly sourceName: string;
  /** What the definition reads of a source record, and where. */
  readonly used: readonly UsedField[];
  readonly abilities: TargetAbilities;
  readonly mode: SyncMode;
  openConnection(name: string): OpenConnection;
  openSource(observer: RequestObserver): Source;
  openTarget(observer: RequestObserver): Target;
  /** The object that is written, as what is read; undefined where it cannot be. */
  targetAsSource(): Source | undefined;
  /** By the name under which the mapping asks for them: the ledger scope of the sync that each reference is to. */
  readonly references: ReadonlyMap<string, string>;
  /** Takes samples of requests. */
  readonly samples: SampleTaker;
  /** Names the target's records in the ledger: account and object. */
  readonly targetScope: string;
}

type Compiled = Pick<RunContext, 'definition' | 'mapping' | 'mappingHash' | 'filter' | 'tombstone' | 'cursorField' | 'sensitiveFields' | 'used'>;

/** After the lowest that a sync may have. */
const BACKFILL_PRIORITY = 6;

type Party = Parameters<Connections['open']>[2];

const compiledByHash = new Map<string, Compiled>();

/** For a step that reads or writes. @throws SyncError as `openRunContext`; RUN_CONFLICT where the run has ended, as one whose workflow was reset: nothing is added to books that are closed */
export async function openLiveContext(dependencies: ActivityDependencies, runId: string): Promise<RunContext> {
  const context = await openRunContext(dependencies, runId);
  const { endedAt, state } = context.run;
  if (endedAt !== undefined)
    throw new SyncError({
      code: 'RUN_CONFLICT',
      retry: 'never',
      message: `Run ${runId} has ended already (${state}), and its books are closed: start a new one.`,
    });
  return context;
}

/** @throws SyncError STORE_UNAVAILABLE where the ledger does not know the run or its definition */
export async function openRunContext(dependencies: ActivityDependencies, runId: string): Promise<RunContext> {
  const run = await dependencies.ledger.readRun(runId);
  if (run?.definitionHash === undefined) throw missing(`run ${runId}`);
  const compiled = await readCompiled(dependencies, run.definitionHash);
  const { definition } = compiled;
  const { ref, sync } = definition;
  const party = partyOf(run, definition);
  const samples = new SampleTaker(dependencies, { scope: syncScope(ref), runId, ...hiddenIn(compiled) });
  return {
    ...compiled,
    samples,
    run,
    scope: syncScope(ref),
    mode: modeOf(sync.target),
    sourceName: sourceNameOf(sync),
    terms: { ...definition.retry, mappingHash: compiled.mappingHash },
    abilities: abilitiesOf(definition),
    openConnection: (name) => open(dependencies.connections, definition, name, party),
    openSource: (observer) => open(dependencies.connections, definition, sync.source.connection, party).source(sync.source.object, samples.observing(observer)),
    openTarget: (observer) => {
      const { connection, object, matchOn, bulk } = sync.target;
      return withWantedJobs(
        open(dependencies.connections, definition, connection, party).target(object, matchOn, samples.observing(observer), wantedOfTarget(definition)),
        bulk,
      );
    },
    targetAsSource: () => targetAsSource(definition, (name) => open(dependencies.connections, definition, name, party)),
    references: new Map(syncsReferredTo(sync.mapping).map((name) => [refLookupName(name), syncScope({ ...ref, sync: name })])),
    targetScope: `${accountScope(ref.project, ref.profile, sync.target.connection)}/${sync.target.object}`,
  };
}

function syncsReferredTo(mapping: ResolvedSync['sync']['mapping']): readonly string[] {
  return Object.values(mapping).flatMap((rule) => (typeof rule === 'object' && rule.ref !== undefined ? [rule.ref.sync] : []));
}

/** Names under which the values of sensitive fields stand in requests and answers. */
function hiddenIn({ definition, sensitiveFields, used }: Compiled): { readonly sensitive: readonly string[]; readonly isMatchSensitive: boolean } {
  const uses = new Set(sensitiveFields.map((field) => `mapping.${field}`));
  const read = used.flatMap(({ use, path }) => (uses.has(use) ? (splitPath(path).at(-1) ?? []) : []));
  return { sensitive: [...sensitiveFields, ...read], isMatchSensitive: sensitiveFields.includes(definition.sync.target.matchOn) };
}

async function readCompiled(dependencies: ActivityDependencies, hash: string): Promise<Compiled> {
  const known = compiledByHash.get(hash);
  if (known !== undefined) return known;
  const stored = await dependencies.ledger.readDefinition(hash);
  if (stored === undefined) throw missing(`definition ${hash}`);
  const definition = resolvedSyncSchema.parse(stored);
  const { source, mapping, lookups } = definition.sync;
  const versionField = source.incremental?.cursorField ?? definition.conflict.sourceTime;
  const compiledMapping = compileMapping(mapping, lookups);
  const compiled = {
    definition,
    mapping: compiledMapping,
    used: usedBySync(definition, compiledMapping),
    mappingHash: mappingHashOf(definition.sync, dependencies.sha256),
    sensitiveFields: Object.entries(mapping).flatMap(([name, rule]) => (typeof rule === 'object' && rule.sensitive === true ? [name] : [])),
    filter: source.filter === undefined ? undefined : compileExpression(source.filter),
    tombstone: source.deletes?.tombstone === undefined ? undefined : compileExpression(source.deletes.tombstone),
    cursorField: versionField === undefined ? undefined : compileExpression(versionField),
  };
  compiledByHash.set(hash, compiled);
  return compiled;
}

/** By the definition alone: a reader may have no access to the target. */
function abilitiesOf({ connections, sync: { target } }: ResolvedSync): TargetAbilities {
  const object = connections[target.connection]?.objects[target.object];
  const can = (kind: 'upsert' | 'create' | 'update') => object !== undefined && offers(object, kind);
  return { upsert: can('upsert'), create: can('create'), update: can('update') };
}

/** Who shares the limits of an account: what a backfill leaves of them is more than what it takes. */
function partyOf({ options }: Run, { ref, priority }: ResolvedSync): Party {
  if (options.events === true) return { name: `${ref.sync} events`, priority };
  return options.window === undefined ? { name: ref.sync, priority } : { name: `${ref.sync} backfill`, priority: BACKFILL_PRIORITY };
}

function open(connections: Connections, definition: ResolvedSync, name: string, party: Party): OpenConnection {
  const connection = definition.connections[name];
  if (connection === undefined) throw missing(`connection ${name}`);
  return connections.open(accountScope(definition.ref.project, definition.ref.profile, name), connection, party);
}

function missing(what: string): SyncError {
  return new SyncError({
    code: 'STORE_UNAVAILABLE',
    retry: 'never',
    message: `The ledger does not know ${what}. Is the worker using the same ledger as the one that started the run?`,
  });
}
