/** What the guard remembers of the cursors of one read. JSON-plain; bounded, however long the read. */
export interface CursorTrail {
  /** Cursors met so far. */
  readonly count: number;
  /** Hashes of the last ones, oldest first. */
  readonly recent: readonly string[];
  /** The hash met when the count last doubled. */
  readonly milestone?: string;
}

export const EMPTY_TRAIL: CursorTrail = { count: 0, recent: [] };

const REMEMBERED = 256;

/**
 * Notices a source whose cursors go round in circles, which would be read for ever. A circle of up to 256 pages is noticed at the first repeat, a longer
 * one before it has been
 * read three times (Brent's cycle detection).
 * @param hash of the next cursor
 * @returns whether it was met before, and the trail to go on with
 */
export function followCursor(trail: CursorTrail, hash: string): { readonly isRepeat: boolean; readonly trail: CursorTrail } {
  if (trail.milestone === hash || trail.recent.includes(hash)) return { isRepeat: true, trail };
  const count = trail.count + 1;
  const isPowerOfTwo = Number.isInteger(Math.log2(count));
  const milestone = isPowerOfTwo ? hash : trail.milestone;
  const recent = [...trail.recent.slice(1 - REMEMBERED), hash];
  return { isRepeat: false, trail: milestone === undefined ? { count, recent } : { count, recent, milestone } };
}

/** The trail of cursors met earlier, oldest first. */
export function trailOf(hashes: Iterable<string>): CursorTrail {
  let trail = EMPTY_TRAIL;
  for (const hash of hashes) ({ trail } = followCursor(trail, hash));
  return trail;
}
