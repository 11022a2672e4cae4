/** What a plan says of one record: what a run of the plan may do to it, and to nothing else. */
export interface PlannedRecord {
  readonly action: 'create' | 'update' | 'delete' | 'archive';
  /** Of what the plan would write. */
  readonly contentHash: string;
  /** Of what the target showed; absent where it had no such record, or could not be asked. */
  readonly shownHash?: string;
}

/** Why a record of a plan is left alone: it is no longer what the plan saw there. */
export const MOVED_IN_SOURCE = 'moved-in-source';
export const MOVED_IN_TARGET = 'moved-in-target';

/** Whether the source still says what the plan was made of. */
export function isAsPlanned(planned: PlannedRecord | undefined, contentHash: string): boolean {
  return (planned?.action === 'create' || planned?.action === 'update') && planned.contentHash === contentHash;
}
