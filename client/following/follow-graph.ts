import { setTimeout as sleep } from 'node:timers/promises';
import { ERROR_CODES } from '../../engine/errors.ts';
import { graphWorkflowId } from '../../engine/ids.ts';
import type { RunFailure } from '../../engine/run.ts';
import type { Run, RunStore } from '../../ledger/ledger.ts';
import { GRAPH_QUERY, type GraphProgress } from '../../workflows/contract.ts';
import { findAbsence } from '../temporal/absence.ts';
import type { Temporal } from '../temporal/connect.ts';
import { askLastWord } from '../temporal/last-word.ts';
import { soon } from '../temporal/patience.ts';
import { readWorkflowState } from '../temporal/workflow-state.ts';
import type { FollowTrouble } from './run-snapshot.ts';

const LOOK_EVERY_MS = 500;
const QUERY_TIMEOUT_MS = 5_000;

/** A graph as it is at one moment: how far its syncs are, and the runs they have by now. */
export interface GraphSnapshot {
  readonly progress: GraphProgress;
  readonly runs: ReadonlyMap<string, Run>;
  readonly now: number;
  readonly trouble: FollowTrouble | undefined;
}

/** Shows a graph to whoever follows it. */
export interface GraphView {
  update(snapshot: GraphSnapshot): void;
  /** Leaves the terminal as it should be; nothing is shown afterwards. */
  end(): void;
}

export interface FollowGraphOptions {
  readonly ledger: Pick<RunStore, 'readRun'>;
  readonly temporal: Temporal;
  readonly project: string;
  readonly profile: string;
  readonly view: GraphView;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

/** `waiting`: whatever still runs goes on when a person has decided. `lost`: it ended without having run its syncs to their end. */
export type FollowedGraph =
  | { readonly end: 'done' | 'waiting'; readonly snapshot: GraphSnapshot }
  | { readonly end: 'lost'; readonly status: string; readonly failure: RunFailure | undefined }
  | { readonly end: 'left' };

/** Follows a graph until it ends or the person leaves: its workflow tells which syncs run, the ledger how far each is. */
export async function followGraph(options: FollowGraphOptions): Promise<FollowedGraph> {
  const { temporal, view, signal } = options;
  const workflowId = graphWorkflowId(options.project, options.profile);
  let progress: GraphProgress = { phase: 'planning', syncs: [] };
  try {
    while (!signal.aborted) {
      const asked = await askProgress(temporal, workflowId);
      progress = asked ?? progress;
      const snapshot = await readSnapshot(options, progress, asked === undefined);
      view.update(snapshot);
      if (progress.phase === 'done') return { end: 'done', snapshot };
      if (waitsForPerson(snapshot)) return { end: 'waiting', snapshot };
      const state = await soon(readWorkflowState(temporal, workflowId)).catch(() => undefined);
      if (state?.isRunning === false) {
        const last = await askLastWord(() => askProgress(temporal, workflowId));
        if (last?.phase !== 'done') return { end: 'lost', status: state.status, failure: await readFailure(temporal, workflowId) };
        return { end: 'done', snapshot: await readSnapshot(options, last, false) };
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
    return { end: 'left' };
  } finally {
    view.end();
  }
}

async function askProgress({ client }: Temporal, workflowId: string): Promise<GraphProgress | undefined> {
  try {
    return await client.connection.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () => client.workflow.getHandle(workflowId).query<GraphProgress>(GRAPH_QUERY));
  } catch {
    return undefined;
  }
}

/** Why it ended before it had begun, where it says. */
async function readFailure({ client }: Temporal, workflowId: string): Promise<RunFailure | undefined> {
  const { ApplicationFailure } = await import('@temporalio/common');
  try {
    await client.workflow.getHandle(workflowId).result();
    return undefined;
  } catch (error) {
    let cause = error;
    while (cause instanceof Error && !(cause instanceof ApplicationFailure)) cause = cause.cause;
    const code = cause instanceof ApplicationFailure ? ERROR_CODES.find((known) => known === cause.type) : undefined;
    return cause instanceof Error && code !== undefined ? { code, message: cause.message.replace(' Details: syncline show.', '') } : undefined;
  }
}

async function readSnapshot({ ledger, temporal, project, profile }: FollowGraphOptions, progress: GraphProgress, isSilent: boolean): Promise<GraphSnapshot> {
  const ids = progress.syncs.flatMap(({ runId, secondRuns }) => [...(runId === undefined ? [] : [runId]), ...secondRuns]);
  const found = await Promise.all(ids.map((id) => ledger.readRun(id).catch(() => undefined)));
  const runs = new Map(found.flatMap((run) => (run === undefined ? [] : [[run.id, run] as const])));
  const now = Date.now();
  return { progress, runs, now, trouble: isSilent ? await findTrouble() : undefined };

  async function findTrouble(): Promise<FollowTrouble | undefined> {
    try {
      const state = await soon(readWorkflowState(temporal, graphWorkflowId(project, profile)));
      return await soon(findAbsence(temporal, { project, profile }, now, state?.pinnedTo));
    } catch {
      return 'no-server';
    }
  }
}

function waitsForPerson({ progress, runs }: GraphSnapshot): boolean {
  const alive = progress.syncs.filter(({ state }) => state === 'running' || state === 'in-use');
  return alive.length > 0 && alive.every(({ runId }) => runs.get(runId ?? '')?.sweep?.state === 'waiting');
}
