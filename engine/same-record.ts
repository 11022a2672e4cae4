import type { ChangeKind } from './outcome.ts';

/** A change of one target record, and by which match value the target was told of it last. */
export interface SoughtRecord {
  readonly kind: ChangeKind;
  readonly match: string;
  readonly toldMatch: string | undefined;
  readonly targetId: string | undefined;
}

/** Why a change is held whose match value is that of another record in the target. */
export const MATCH_IS_TAKEN = 'Another record of the target has this match key by now: merge the two there, or correct the source, then retry.';

/** The match values under which the target may show the record: what goes by id may be there under the one that was told before. */
export function soughtMatches({ kind, match, toldMatch, targetId }: SoughtRecord): readonly string[] {
  const isElsewhere = kind === 'update' && targetId !== undefined && toldMatch !== undefined && toldMatch !== match;
  return isElsewhere ? [match, toldMatch] : [match];
}

/**
 * The record that a change would write over, among those that were found. What goes by id is the one with that id, and no other; what goes by match value, the one that has it.
 * @param hits by match value
 * @returns `isTaken`: the match value has changed, and is that of another record
 */
export function sameRecord<Hit extends { readonly id: string }>(
  sought: SoughtRecord,
  hits: ReadonlyMap<string, readonly Hit[]>,
): { readonly theirs: Hit | undefined; readonly isTaken: boolean } {
  const { kind, match, toldMatch, targetId } = sought;
  const found = hits.get(match) ?? [];
  if (targetId === undefined) return { theirs: found[0], isTaken: false };
  const own = soughtMatches(sought)
    .flatMap((value) => hits.get(value) ?? [])
    .find(({ id }) => id === targetId);
  const hasMoved = toldMatch !== undefined && toldMatch !== match;
  const isTaken = hasMoved && found.length > 0 && found.every(({ id }) => id !== targetId);
  return { theirs: kind === 'upsert' ? (own ?? found[0]) : own, isTaken };
}
