import type { RunFigures } from '../trend-store.ts';
import { defined, number, optionalNumber, type Row, text } from './row.ts';

/** @param rows of these runs: by status and duration, and by run */
export function readRunFigures(runIds: readonly string[], rows: { readonly requests: readonly Row[]; readonly pages: readonly Row[] }): readonly RunFigures[] {
  const requests = Map.groupBy(rows.requests, (row) => text(row, 'run_id'));
  const pages = new Map(rows.pages.map((row) => [text(row, 'run_id'), row]));
  return runIds.map((runId) => {
    const read = pages.get(runId);
    return {
      runId,
      requests: (requests.get(runId) ?? []).map((row) =>
        defined({ status: optionalNumber(row, 'status'), durationMs: optionalNumber(row, 'duration'), requests: number(row, 'requests') }),
      ),
      bytes: read === undefined ? 0 : number(read, 'bytes'),
      pages: read === undefined ? 0 : number(read, 'pages'),
    };
  });
}
