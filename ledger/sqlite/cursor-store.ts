import type { RunStore } from '../ledger.ts';
import { defined, number, optionalNumber, text } from '../rows/row.ts';
import type { Database } from './database.ts';

/** How far each sync has read: its watermark. */
export function createCursorStore(database: Database): Pick<RunStore, 'readWatermark' | 'saveWatermark'> {
  return {
    readWatermark: (scope) =>
      database.read(() => {
        const row = database.get('SELECT value, full_read_at, saved_at FROM cursors WHERE scope = ?', scope);
        return row === undefined
          ? undefined
          : defined({ value: text(row, 'value'), fullReadAt: optionalNumber(row, 'full_read_at'), savedAt: number(row, 'saved_at') });
      }),
    saveWatermark: (scope, { value, fullReadAt }, at) =>
      database.write(() => {
        const sql = `INSERT INTO cursors VALUES (?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET value = excluded.value, full_read_at = excluded.full_read_at, saved_at = excluded.saved_at`;
        database.run(sql, scope, value, fullReadAt === undefined ? null : Math.round(fullReadAt), Math.round(at));
      }),
  };
}
