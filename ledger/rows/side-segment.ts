/** In `segments.is_sweep`: what a segment is that was staged by the run itself, and not read. */
export const SIDE_SEGMENT = {
  /** Takes records from the target. */
  sweep: 1,
  /** Writes again what a reconciliation found. */
  repair: 2,
  /** Writes again what one record was told that shared its target record with one that has gone. */
  passedOn: 3,
} as const;

/** What records are told again. */
export const ASIDE = `${SIDE_SEGMENT.repair}, ${SIDE_SEGMENT.passedOn}`;

export type SideSegment = keyof typeof SIDE_SEGMENT;
