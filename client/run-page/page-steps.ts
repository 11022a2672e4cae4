import type { Run, TimelineSegment } from '../../ledger/ledger.ts';
import { plural } from '../output/text.ts';

/** One step of a run; several may be under way at once. */
export interface PageStep {
  readonly name: string;
  readonly kind: 'other' | 'reading' | 'writing';
  /** From the begin of the run; what came before it is negative. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly note: string;
}

const MOST_SEGMENTS = 24;

/** The steps with their times, as far as the ledger tells: of many segments, several in one line. */
export function pageSteps(run: Run, segments: readonly TimelineSegment[], now: number): readonly PageStep[] {
  const began = run.startedAt ?? run.requestedAt;
  const ended = run.endedAt ?? now;
  const step = (name: string, kind: PageStep['kind'], from: number, until: number, note: string): PageStep => ({
    name,
    kind,
    fromMs: from - began,
    untilMs: Math.max(from, until) - began,
    note,
  });
  const steps = began > run.requestedAt ? [step('waiting for a worker', 'other', run.requestedAt, began, 'from the request to the first step')] : [];
  const first = segments[0];
  if (first !== undefined) steps.push(step('preparing', 'other', began, first.openedAt, 'plan, lookups'));
  const size = Math.ceil(segments.length / MOST_SEGMENTS);
  for (let at = 0; at < segments.length; at += size) {
    const part = segments.slice(at, at + size);
    const { label, opened, read, records, pages } = summary(part, segments[at + size], ended);
    steps.push(step(`${label}: reading`, 'reading', opened, read, `${plural(records, 'record')}, ${plural(pages, 'page')}`));
    const sent = part.flatMap(({ sentFrom }) => sentFrom ?? []);
    const answered = part.flatMap(({ answeredUntil }) => answeredUntil ?? []);
    if (sent.length > 0) steps.push(step(`${label}: writing`, 'writing', Math.min(...sent), Math.max(...answered), 'first request to last answer'));
  }
  const last = Math.max(began, ...segments.flatMap(({ openedAt, readUntil = 0, answeredUntil = 0 }) => [openedAt, readUntil, answeredUntil]));
  if (run.endedAt !== undefined && segments.length > 0) steps.push(step('settling', 'other', last, ended, 'books, cursor, reconcile where it is due'));
  return steps;
}

function summary(part: readonly TimelineSegment[], next: TimelineSegment | undefined, ended: number) {
  const [first, last] = [part[0], part.at(-1)];
  const number = first === last ? `${(first?.index ?? 0) + 1}` : `${(first?.index ?? 0) + 1}–${(last?.index ?? 0) + 1}`;
  const opened = first?.openedAt ?? 0;
  return {
    label: part.every(({ isSweep }) => isSweep) ? 'deletes' : `segment ${number}`,
    opened,
    read: last?.readUntil ?? next?.openedAt ?? Math.min(ended, last?.answeredUntil ?? opened),
    records: part.reduce((sum, { records }) => sum + records, 0),
    pages: part.reduce((sum, { pages }) => sum + pages, 0),
  };
}
