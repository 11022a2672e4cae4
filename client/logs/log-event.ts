import type { JsonObject } from '../../engine/json.ts';

/** One line of what happened to a sync. */
export interface LogEvent {
  /** The same whenever it is read. */
  readonly id: string;
  readonly at: number;
  /** begun, ended, segment, waiting, stood-still, refused, no-answer, repeated, lost, taken-over, rejected, held, resolved, source-changed, alert, alert-over, sample; of a record those of its story; an action of the audit log */
  readonly event: string;
  readonly runId?: string;
  readonly text: string;
  readonly tone?: 'good' | 'warning' | 'bad';
  /** Lines that belong to it. */
  readonly below?: readonly string[];
  readonly details: JsonObject;
}

/** In order of time; what happened in the same millisecond as it was found. */
export function inOrderOfTime(events: readonly LogEvent[]): readonly LogEvent[] {
  return events.toSorted((one, other) => one.at - other.at);
}
