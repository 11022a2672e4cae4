import { defined, number, optionalNumber, text } from '../rows/row.ts';
import type { UpkeepStore } from '../upkeep-store.ts';
import { forgetRecord, readOpenWork } from './forget-record.ts';
import type { Keeper } from './keeper.ts';
import { beginImport, endImport, exportRows, importRows } from './move-rows.ts';
import { pruneAudit } from './prune-audit.ts';

const COUNTED = ['runs', 'records', 'changes', 'batches', 'verdicts'] as const;

const COUNTS = `
  SELECT ${COUNTED.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join(', ')}, (SELECT staged_at FROM changes ORDER BY id LIMIT 1) AS oldest_change,
    (SELECT at FROM verdicts ORDER BY id LIMIT 1) AS oldest_verdict`;

/** The same for both stores: what it asks of them, both understand. */
export function createUpkeepStore(keeper: Keeper): UpkeepStore {
  return {
    describeLedger: async () => {
      const [row = {}] = await keeper.all(COUNTS);
      const of = (name: (typeof COUNTED)[number]) => number(row, name);
      const oldest = [optionalNumber(row, 'oldest_change'), optionalNumber(row, 'oldest_verdict')].filter((at) => at !== undefined);
      return defined({
        kind: keeper.kind,
        place: keeper.place,
        version: keeper.version,
        bytes: await keeper.bytes(),
        rows: { runs: of('runs'), records: of('records'), changes: of('changes'), batches: of('batches'), verdicts: of('verdicts') },
        oldestAt: oldest.length === 0 ? undefined : Math.min(...oldest),
      });
    },
    pruneAudit: (before) => pruneAudit(keeper, before),
    readOpenWork: (scope, key) => readOpenWork(keeper, scope, key),
    forgetRecord: (scope, key) => forgetRecord(keeper, scope, key),
    compactLedger: () => keeper.compact(),
    listAliveRuns: async () =>
      (await keeper.all(`SELECT scope FROM runs WHERE state IN ('running', 'paused') ORDER BY scope`)).map((row) => text(row, 'scope')),
    exportRows: (table, after, limit) => exportRows(keeper, table, after, limit),
    beginImport: (key) => beginImport(keeper, key),
    importRows: (table, rows) => importRows(keeper, table, rows),
    endImport: () => endImport(keeper),
  };
}
