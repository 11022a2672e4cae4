import type { Connections, OpenConnection, RequestObserver, Source, Target } from '../connectors/ports.ts';
import { type ResolvedSync, resolvedSyncSchema } from '../definition/resolved.ts';
import { SyncError } from '../engine/errors.ts';
import { accountScope, syncScope } from '../engine/ids.ts';
import { compileMapping, type Mapping } from '../engine/map-record.ts';
import type { Run } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** What a step of a run works with: the frozen definition, compiled once per process, and its connections. */
export interface RunContext {
  readonly run: Run;
  readonly scope: string;
  readonly definition: ResolvedSync;
  readonly mapping: Mapping;
  openConnection(name: string): OpenConnection;
  openSource(observer: RequestObserver): Source;
  openTarget(observer: RequestObserver): Target;
  /** Names the target's records in the ledger: account and object. */
  readonly targetScope: string;
}

interface Compiled {
  readonly definition: ResolvedSync;
  readonly mapping: Mapping;
}

const compiledByHash = new Map<string, Compiled>();

/** @throws SyncError STORE_UNAVAILABLE where the ledger does not know the run or its definition */
export async function openRunContext(dependencies: ActivityDependencies, runId: string): Promise<RunContext> {
  const run = await dependencies.ledger.readRun(runId);
  if (run?.definitionHash === undefined) throw missing(`run ${runId}`);
  const { definition, mapping } = await readCompiled(dependencies, run.definitionHash);
  const { ref, sync } = definition;
  return {
    run,
    scope: syncScope(ref),
    definition,
    mapping,
    openConnection: (name) => open(dependencies.connections, definition, name),
    openSource: (observer) => open(dependencies.connections, definition, sync.source.connection).source(sync.source.object, observer),
    openTarget: (observer) => open(dependencies.connections, definition, sync.target.connection).target(sync.target.object, sync.target.matchOn, observer),
    targetScope: `${accountScope(ref.project, ref.profile, sync.target.connection)}/${sync.target.object}`,
  };
}

async function readCompiled(dependencies: ActivityDependencies, hash: string): Promise<Compiled> {
  const known = compiledByHash.get(hash);
  if (known !== undefined) return known;
  const stored = await dependencies.ledger.readDefinition(hash);
  if (stored === undefined) throw missing(`definition ${hash}`);
  const definition = resolvedSyncSchema.parse(stored);
  const compiled = { definition, mapping: compileMapping(definition.sync.mapping, definition.sync.lookups) };
  compiledByHash.set(hash, compiled);
  return compiled;
}

function open(connections: Connections, definition: ResolvedSync, name: string): OpenConnection {
  const connection = definition.connections[name];
  if (connection === undefined) throw missing(`connection ${name}`);
  return connections.open(accountScope(definition.ref.project, definition.ref.profile, name), connection);
}

function missing(what: string): SyncError {
  return new SyncError({
    code: 'STORE_UNAVAILABLE',
    retry: 'never',
    message: `The ledger does not know ${what}. Is the worker using the same ledger as the one that started the run?`,
  });
}
