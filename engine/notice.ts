import type { Severity } from './alerts.ts';
import { assertNever } from './assert-never.ts';
import type { ErrorCode } from './errors.ts';
import type { SyncRef } from './ids.ts';
import type { RunTotals } from './outcome.ts';

/** What a channel is told. Holds no value of a record, no key and no secret. */
export interface Notice extends SyncRef {
  readonly event: 'opened' | 'resolved' | 'test';
  /** The same for the begin and the end of one incident, and for every time that either is sent. */
  readonly incident: string;
  readonly rule: string;
  /** The run that began it, or that ended it by going well; absent where none did. */
  readonly runId?: string;
  /** When it began or ended, in milliseconds since the epoch. */
  readonly at: number;
  /** When the incident began. */
  readonly since: number;
  /** How bad its rule says it is. */
  readonly severity?: Severity;
  /** What began it, in a sentence. */
  readonly what: string;
}

/** What a failed run is told by. @param sentence of its code: never the words of an API */
export function failureWords(code: ErrorCode, sentence: string): string {
  return `Its run failed (${code}): ${sentence}`;
}

/** What a run is told by whose counters fit a condition. */
export function conditionWords(condition: string, { read, written, rejected, held }: RunTotals): string {
  return `Of its run "${condition}" is true (${read} read, ${written} written, ${rejected} rejected, ${held} held).`;
}

/** The whole message, for people: which sync, what, since when, which run, and the next command. */
export function noticeText(notice: Notice): string {
  const { event, sync, project, profile, rule, runId, what } = notice;
  const name = `${sync} (${project}, ${profile})`;
  const show = runId === undefined ? `syncline runs ${sync} --profile ${profile}` : `syncline show ${runId} --profile ${profile}`;
  switch (event) {
    case 'opened':
      return `${name}: ${what} Since ${shownTime(notice.since)}${runId === undefined ? '' : `, run ${runId}`}. Next: ${show}`;
    case 'resolved':
      return `${name}: ${rule} is over since ${shownTime(notice.at)}${runId === undefined ? '' : `, as run ${runId} went well`}. It began at ${shownTime(notice.since)}. See: ${show}`;
    case 'test':
      return `A test message of Syncline, for ${project} on ${profile}: alerts arrive here. Nothing is to be done.`;
    default:
      return assertNever(event);
  }
}

/** In UTC, to the minute. */
export function shownTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
