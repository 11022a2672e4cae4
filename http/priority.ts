/** Of a sync that names none. */
export const DEFAULT_PRIORITY = 3;
const LOWEST_PRIORITY = 5;

/** How much of an account a sync gets beside others that want it, too. @param priority 1 (the most important) to 5, 6 for a backfill; each step is twice the part of the next */
export function weightOf(priority: number): number {
  return 2 ** (LOWEST_PRIORITY - priority);
}
