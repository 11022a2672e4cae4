import { type SyncRef, syncScope } from '../../engine/ids.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { inOrderOfTime, type LogEvent } from './log-event.ts';
import { auditEvents, incidentEvents } from './outside-events.ts';
import { runEvents } from './run-events.ts';
import { sampleEvents } from './sample-events.ts';
import { stepEvents } from './step-events.ts';
import { stoodStill } from './stood-still.ts';

const MOST_RUNS = 200;
/** When a run stood still is found from all that it did: so only of some, and not while it goes on. */
const MOST_LOOKED_INTO = 10;

export interface LogQuery {
  readonly since: number;
  /** Only of this one. */
  readonly run?: Run | undefined;
  /** The newest so many. */
  readonly limit: number;
  /** With the requests and answers that were kept. */
  readonly hasSamples: boolean;
  /** It is asked again and again: only what is new. */
  readonly isFollowing?: boolean;
}

/** What happened to a sync since then, in order of time. Needs no Temporal server. */
export async function readLog(cli: Cli, ref: SyncRef, { since, run: only, limit, hasSamples, isFollowing = false }: LogQuery): Promise<readonly LogEvent[]> {
  const ledger = await cli.session.ledger();
  const now = Date.now();
  const scope = syncScope(ref);
  const runs = only === undefined ? (await ledger.listRuns(scope, MOST_RUNS)).filter(({ endedAt = now }) => endedAt >= since) : [only];
  const drift = await ledger.readDrift(runs.map(({ id }) => id));
  const [audit, incidents, samples, ofRuns, waits] = await Promise.all([
    ledger.listAudit({ ...ref, since, limit }),
    ledger.listIncidents(scope, since),
    hasSamples ? ledger.readSamples({ scope, from: since, limit, ...(only === undefined ? {} : { runId: only.id }) }) : [],
    Promise.all(
      runs.map(async (run) => [...runEvents(run, drift.get(run.id) ?? [], now), ...stepEvents(run.id, await ledger.readRunLog(run.id, { since, limit }))]),
    ),
    isFollowing ? [] : Promise.all(runs.slice(0, MOST_LOOKED_INTO).map((run) => stoodStill(ledger, run))),
  ]);
  const outside = [...auditEvents(audit), ...incidentEvents(incidents, since)].filter(({ runId }) => only === undefined || runId === only.id);
  return inOrderOfTime([...outside, ...sampleEvents(samples), ...ofRuns.flat(), ...waits.flat()].filter(({ at }) => at >= since)).slice(-limit);
}
