const SHORTEST_MS = 5_000;
const LONGEST_MS = 600_000;

/**
 * How long to wait until the run that holds a sync is looked for again: a tenth of what was waited, so that its end is found soon after a short wait, and a wait of weeks, as where
 * the holder asks a person, fits the history of whoever waits. Decides commands: part of the workflow's determinism.
 */
export function holderPauseMs(waitedMs: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, Math.floor(waitedMs / 10)));
}
