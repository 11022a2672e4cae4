import type { Figure } from './figure.ts';
import type { Ground } from './ground.ts';

/** How large the figures are made. */
export interface Scale {
  /** Two minutes in all: smaller, so that what a run costs once weighs more, and with the bounds that this allows. */
  readonly isQuick: boolean;
}

/** One or more figures that are measured together. */
export interface Bench {
  readonly name: string;
  /** It counts and does not time, with few requests: it may be measured beside others. */
  readonly isPatient?: boolean;
  readonly measure: (ground: Ground, scale: Scale) => Promise<readonly Figure[]>;
}

/** Requests in flight to the target, of Syncline and of the loop. */
export const CONCURRENCY = 8;

/** @throws Error where the target was not told of every record: what is not whole is not fast */
export function checkWhole(told: number, records: number): void {
  if (told !== records) throw new Error(`The target was told of ${told} of ${records} records.`);
}
