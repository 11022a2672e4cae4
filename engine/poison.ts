/** A batch that the target keeps answering with a failure of its own (5xx): is the target unwell, or does one record make it so? */
export interface FailingBatch {
  readonly records: number;
  /** Requests it has cost, the last one included. */
  readonly requests: number;
  /** Another batch was taken since this one failed first: the target is well. */
  readonly othersPassed: boolean;
  /** Changes left in the segment, those of this batch included, where no more will come; undefined while more may come. */
  readonly left: number | undefined;
}

/** A random failure seldom comes so often in a row. */
const SUSPICIOUS_REQUESTS = 3;
const CERTAIN_REQUESTS = 6;
/** Where only so many are left there is nothing else that could show that the target is well. */
const LEFT_TO_HALVE = 200;
const LEFT_TO_SINGLE_OUT = 10;

/**
 * `repeat`: it may be the target. `halve`: one of the records is to blame, find it. `single-out`: this record is; the others go on without it. As long as
 * nothing passes and much is left, it is the target that is unwell, and no record is blamed.
 */
export function judgeFailing({ records, requests, othersPassed, left }: FailingBatch): 'repeat' | 'halve' | 'single-out' {
  const isLeftOver = (atMost: number) => requests >= CERTAIN_REQUESTS && left !== undefined && left <= atMost;
  if (records > 1) return (requests >= SUSPICIOUS_REQUESTS && othersPassed) || isLeftOver(LEFT_TO_HALVE) ? 'halve' : 'repeat';
  return (requests >= CERTAIN_REQUESTS && othersPassed) || isLeftOver(LEFT_TO_SINGLE_OUT) ? 'single-out' : 'repeat';
}

/** Writes of a create whose answers were lost before its record stands alone, and before it is set aside. */
const LOST_BEFORE_HALVING = 1;
const LOST_BEFORE_SET_ASIDE = 3;

/**
 * The same for creates that may not be repeated blindly: each was sent, its answer lost, looked up after the delay and not found.
 * @param lostBefore batches that were lost with the record in them before this one
 */
export function judgeLost({ records, lostBefore }: { readonly records: number; readonly lostBefore: number }): 'repeat' | 'halve' | 'single-out' {
  if (records > 1) return lostBefore >= LOST_BEFORE_HALVING ? 'halve' : 'repeat';
  return lostBefore >= LOST_BEFORE_SET_ASIDE ? 'single-out' : 'repeat';
}
