/** What may be taken from the target without asking a person. Whichever is passed first counts. */
export interface DeleteGuard {
  readonly maxDeletes: number;
  /** Of the records that the target was told of. */
  readonly maxDeletedPercent: number;
}

/** What became of a run's look for records that the source no longer has. */
export const SWEEP_STATES = ['none', 'looking', 'waiting', 'approved', 'denied', 'done'] as const;
export type SweepState = (typeof SWEEP_STATES)[number];

/** Why nothing is deleted, whatever is missing. */
export const SWEEP_REASONS = ['part-read', 'read-incomplete', 'source-empty', 'source-drift', 'backfill'] as const;
export type SweepReason = (typeof SWEEP_REASONS)[number];

export interface Sweep {
  readonly state: SweepState;
  /** With `none`. */
  readonly reason?: SweepReason;
  /** Records to be deleted. */
  readonly due: number;
  /** Records that the target was told of when the sweep began. */
  readonly known: number;
  /** Missing at the source, and not ours to delete: the sync only linked them. */
  readonly extra: number;
  /** Missing once; they are deleted when a second complete read misses them, too. */
  readonly unconfirmed: number;
  /** Missing at the source, while another record of it is the same one in the target: that stays, as the other's. */
  readonly shared: number;
}

/** Which bound of the guard is passed; undefined where none is. */
export function passedGuard({ due, known }: Pick<Sweep, 'due' | 'known'>, { maxDeletes, maxDeletedPercent }: DeleteGuard): string | undefined {
  if (due === 0) return undefined;
  if (due > maxDeletes) return `guard.maxDeletes is ${maxDeletes}`;
  const percent = known === 0 ? 100 : (due / known) * 100;
  return percent > maxDeletedPercent ? `guard.maxDeletedPercent is ${maxDeletedPercent}` : undefined;
}

/** Whether a run may conclude from what it did not read. */
export function reasonNotToSweep(read: {
  readonly isPart: boolean;
  readonly isComplete: boolean;
  readonly records: number;
  readonly known: number;
  /** What a record leaves by has changed at the source. @default false */
  readonly hasDrift?: boolean;
  /** Windows of the sync are being read, which may hold what has gone since. @default false */
  readonly isBackfilled?: boolean;
}): SweepReason | undefined {
  if (read.isPart) return 'part-read';
  if (!read.isComplete) return 'read-incomplete';
  // An outage, a filter with a mistake, a lost permission: all look like this.
  if (read.records === 0 && read.known > 0) return 'source-empty';
  // Without the field that it reads, a filter leaves out everything.
  if (read.hasDrift === true) return 'source-drift';
  return read.isBackfilled === true ? 'backfill' : undefined;
}
