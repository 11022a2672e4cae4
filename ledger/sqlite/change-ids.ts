/** Changes `c` by a list of ids, `?1`. */
export const LISTED_CHANGES = 'json_each(?1) i CROSS JOIN changes c ON c.id = i.value WHERE true';

/** Changes `c` by their first id and their last, `?1` and `?2`: they lie side by side, and no list is read. */
export const CHANGES_IN_RANGE = 'changes c WHERE c.id BETWEEN ?1 AND ?2';

/** The first and the last of ids that follow one another, as those of a page mostly do, which one transaction has staged. */
export function rangeOf(ids: readonly number[]): readonly [first: number, last: number] | undefined {
  const [first, last] = [ids[0], ids.at(-1)];
  if (first === undefined || last === undefined || ids.some((id, index) => id !== first + index)) return undefined;
  return [first, last];
}
