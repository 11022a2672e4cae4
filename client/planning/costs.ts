import type { WriteAbility } from '../../connectors/ports.ts';
import type { ResolvedSync } from '../../definition/resolved.ts';
import { parseDuration } from '../../engine/duration.ts';
import type { ChangeKind } from '../../engine/outcome.ts';
import type { PlannedTarget } from './patient-reads.ts';
import type { PlanCost, PlannedAction, PlannedChange } from './plan.ts';

const REQUESTS_OF_A_JOB = 10;

/** Requests that the run would cost: the pages that the plan has read, and the batches that it would write. */
export function costsOf(
  definition: ResolvedSync,
  target: PlannedTarget,
  changes: readonly PlannedChange[],
  reads: ReadonlyMap<string, number>,
): readonly PlanCost[] {
  const requests = new Map(reads);
  const { connection } = definition.sync.target;
  requests.set(connection, (requests.get(connection) ?? 0) + writesOf(target, changes));
  return [...requests].map(([name, count]) => {
    const seconds = secondsAt(definition, name, count);
    return { connection: name, requests: count, ...(seconds === undefined ? {} : { seconds }) };
  });
}

function writesOf(target: PlannedTarget, changes: readonly PlannedChange[]): number {
  const byKind = new Map<ChangeKind, number>();
  for (const { action } of changes) {
    const kind = kindOf(target, action);
    byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
  }
  let requests = 0;
  for (const [kind, count] of byKind) requests += requestsOf(target.abilities[kind], count);
  return requests;
}

/** A job is made, filled, begun, looked at now and then, and asked for its results. */
function requestsOf({ jobs, maxRecords }: Pick<WriteAbility, 'jobs' | 'maxRecords'> = { maxRecords: 1 }, count: number): number {
  const isByJob = jobs !== undefined && (maxRecords === 0 || count >= jobs.from);
  return isByJob ? Math.ceil(count / jobs.maxRecords) * REQUESTS_OF_A_JOB : Math.ceil(count / Math.max(1, maxRecords));
}

function kindOf(target: PlannedTarget, action: PlannedAction): ChangeKind {
  if (action === 'delete') return 'delete';
  if (action === 'archive') return 'update';
  return target.abilities.upsert === undefined ? action : 'upsert';
}

/** The longest of the connection's windows, where it declares any. */
function secondsAt(definition: ResolvedSync, connection: string, requests: number): number | undefined {
  const windows = definition.connections[connection]?.limits.requests ?? [];
  if (windows.length === 0) return undefined;
  return Math.max(
    ...windows.map(({ count, per }) =>
      requests <= count && (parseDuration(per) ?? 0) > 3_600_000 ? 0 : (requests / count) * ((parseDuration(per) ?? 0) / 1_000),
    ),
  );
}
