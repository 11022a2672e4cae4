/**
 * The best way to give each row at most one column and each column at most one row: the one with the greatest sum. Pairs that weigh nothing are not made.
 * Kuhn-Munkres with potentials, as in https://cp-algorithms.com/graph/hungarian-algorithm.html; cubic.
 * @returns by row, its column
 */
export function assign(weights: readonly (readonly number[])[]): readonly (number | undefined)[] {
  const rows = weights.length;
  const columns = Math.max(rows, ...weights.map((row) => row.length));
  const weight = (row: number, column: number) => weights[row - 1]?.[column - 1] ?? 0;
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row += 1) augment(row);
  const columnOf: (number | undefined)[] = Array.from({ length: rows }, () => undefined);
  for (let column = 1; column <= columns; column += 1) {
    const row = rowOf[column] ?? 0;
    if (row > 0 && weight(row, column) > 0) columnOf[row - 1] = column - 1;
  }
  return columnOf;

  function augment(start: number): void {
    const least = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
    const before = new Int32Array(columns + 1);
    const isUsed = new Uint8Array(columns + 1);
    rowOf[0] = start;
    let at = 0;
    do {
      isUsed[at] = 1;
      const row = rowOf[at] ?? 0;
      let delta = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let column = 1; column <= columns; column += 1) {
        if (isUsed[column] === 1) continue;
        const reduced = -weight(row, column) - (rowPotential[row] ?? 0) - (columnPotential[column] ?? 0);
        if (reduced < (least[column] ?? 0)) [least[column], before[column]] = [reduced, at];
        if ((least[column] ?? 0) < delta) [delta, next] = [least[column] ?? 0, column];
      }
      for (let column = 0; column <= columns; column += 1) {
        if (isUsed[column] === 1) {
          rowPotential[rowOf[column] ?? 0] = (rowPotential[rowOf[column] ?? 0] ?? 0) + delta;
          columnPotential[column] = (columnPotential[column] ?? 0) - delta;
        } else least[column] = (least[column] ?? 0) - delta;
      }
      at = next;
    } while (rowOf[at] !== 0);
    while (at !== 0) {
      const previous = before[at] ?? 0;
      rowOf[at] = rowOf[previous] ?? 0;
      at = previous;
    }
  }
}
