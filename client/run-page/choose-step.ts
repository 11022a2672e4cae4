const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Lengths that people read at a glance. */
const STEPS = [
  100,
  200,
  500,
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  6 * HOUR,
];
const MOST_SLOTS = 120;

/** How long a slot of a chart is, so that there are at most 120 of them. */
export function chooseStep(durationMs: number): number {
  const least = durationMs / MOST_SLOTS;
  return STEPS.find((step) => step >= least) ?? Math.ceil(least / DAY) * DAY;
}
