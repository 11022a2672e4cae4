/** Where the room takes time and chance from; tests pass their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A function like `Math.random`. */
  readonly random: () => number;
}

export const SYSTEM_CLOCK: Clock = { now: Date.now, random: Math.random };
