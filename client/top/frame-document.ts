import { phaseWords, settledCount } from '../following/run-snapshot.ts';
import type { TopFrame } from './top-frame.ts';

/** A frame as JSON: ISO times, speeds with one decimal; null for what is not known. */
export function frameDocument({ at, place, runs, resting, connections, work, deliveries, incidents, ledgerMs }: TopFrame): Record<string, unknown> {
  const [project, profile] = place.split('/');
  return {
    at: iso(at),
    project,
    profile,
    runs: runs.map(({ run, sync, recordsPerSecond, requestsPerSecond, retry }) => ({
      id: run.id,
      sync,
      window: run.options.window ?? null,
      state: run.state,
      phase: run.phase,
      doing: phaseWords({ run, sync, now: at, perSecond: undefined, trouble: undefined, retry }),
      since: iso(run.startedAt ?? run.requestedAt),
      settled: settledCount(run.totals),
      recordsPerSecond: rounded(recordsPerSecond),
      requestsPerSecond: rounded(requestsPerSecond),
      totals: run.totals,
      waits: run.waits.filter(({ untilMs }) => untilMs > at).map(({ side, reason, untilMs }) => ({ side, reason, until: iso(untilMs) })),
      retry: retry ?? null,
    })),
    resting: resting.map(({ sync, last }) => ({
      sync,
      last: last === undefined ? null : { id: last.id, state: last.state, endedAt: last.endedAt === undefined ? null : iso(last.endedAt) },
    })),
    connections: connections.map(({ perSecond, allowedPerSecond, inFlight = null, block, ...connection }) => ({
      ...connection,
      perSecond: rounded(perSecond),
      allowedPerSecond: allowedPerSecond ?? null,
      inFlight,
      block: block === undefined ? null : { reason: block.reason, until: iso(block.untilMs) },
    })),
    workers: work?.workers.map(({ seenAt, buildId, ...worker }) => ({ ...worker, seenAt: iso(seenAt), buildId: buildId ?? null })) ?? null,
    backlog: work?.backlog ?? null,
    temporal: work?.trouble ?? null,
    deliveries: deliveries.map(({ sync, open, since }) => ({ sync, open, oldest: iso(since) })),
    incidents: incidents.map(({ since, ...incident }) => ({ ...incident, since: iso(since) })),
    ledgerMs: Math.round(ledgerMs * 10) / 10,
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 10) / 10;
}
