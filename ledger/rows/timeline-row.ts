import { CHANGE_KINDS } from '../../engine/outcome.ts';
import type { RunTimeline, SettledRecords, SlowRequest, TimedRequests, TimelineSegment } from '../timeline-store.ts';
import { defined, number, optionalNumber, type Row, text } from './row.ts';
import { ARCHIVED, DELETED } from './taken-content.ts';

/** Hashes that stand for what is taken from the target. */
export const TAKEN = `'${DELETED}', '${ARCHIVED}'`;

/** The outcome of a settled change `c` as a timeline names it. */
export const TIMELINE_OUTCOME = `CASE WHEN c.outcome <> 'written' THEN c.outcome WHEN c.content_hash IN (${TAKEN}) THEN 'deleted'
    WHEN c.created = 1 THEN 'created' WHEN c.created = 0 THEN 'updated' ELSE 'written' END`;

export const NO_TIMELINE: RunTimeline = { read: [], settled: [], requests: [], takenOver: [], slowest: [], segments: [] };

export function readRead(row: Row): RunTimeline['read'][number] {
  return { slot: number(row, 'slot'), records: number(row, 'records') };
}

export function readSettled(row: Row): SettledRecords {
  return { slot: number(row, 'slot'), outcome: text(row, 'outcome'), records: number(row, 'records') };
}

export function readRequests(row: Row): TimedRequests {
  return defined({
    slot: number(row, 'slot'),
    status: optionalNumber(row, 'status'),
    durationMs: optionalNumber(row, 'duration'),
    requests: number(row, 'requests'),
  });
}

export function readTakenOver(row: Row): RunTimeline['takenOver'][number] {
  return { slot: number(row, 'slot'), batches: number(row, 'batches') };
}

export function readSlow(row: Row): SlowRequest {
  const kind = CHANGE_KINDS.find((one) => one === row['kind']);
  if (kind === undefined) throw new Error('a batch is of no known kind');
  return defined({
    sentAt: number(row, 'sent_at'),
    durationMs: number(row, 'duration'),
    status: optionalNumber(row, 'status'),
    method: text(row, 'method'),
    path: text(row, 'path'),
    kind,
    segment: number(row, 'segment'),
    records: number(row, 'size'),
  });
}

/** @param readUntil by segment, of its records and of its changes */
export function readTimelineSegment(row: Row, readUntil: ReadonlyMap<number, number>): TimelineSegment {
  const index = number(row, 'idx');
  return defined({
    index,
    state: text(row, 'state'),
    isSweep: row['is_sweep'] === 1,
    openedAt: number(row, 'opened_at'),
    pages: number(row, 'pages'),
    records: number(row, 'records'),
    readUntil: readUntil.get(index),
    sentFrom: optionalNumber(row, 'sent_from'),
    answeredUntil: optionalNumber(row, 'answered_until'),
  });
}

/** The latest of several answers about the same segments. */
export function latestBySegment(rows: readonly Row[]): ReadonlyMap<number, number> {
  const latest = new Map<number, number>();
  for (const row of rows) {
    const segment = number(row, 'segment');
    latest.set(segment, Math.max(latest.get(segment) ?? 0, number(row, 'at')));
  }
  return latest;
}
