/** One half of a batch, claimed again as a batch of its own. */
export interface BatchHalf<Id> {
  readonly group: string;
  /** No more records than this in its request. */
  readonly batchLimit: number;
  readonly ids: readonly Id[];
}

/**
 * Halves a batch that was refused as a whole, so that after at most log2(size) refusals a bad record stands alone. Keeps the order.
 * @param batchId of the refused batch: makes the groups unique
 * @returns undefined where there is nothing to halve: the refusal is the record's own
 */
export function halveBatch<Id>(batchId: string, ids: readonly Id[]): readonly [BatchHalf<Id>, BatchHalf<Id>] | undefined {
  if (ids.length < 2) return undefined;
  const middle = Math.ceil(ids.length / 2);
  const first = ids.slice(0, middle);
  const second = ids.slice(middle);
  return [
    { group: `${batchId}.1`, batchLimit: first.length, ids: first },
    { group: `${batchId}.2`, batchLimit: second.length, ids: second },
  ];
}
