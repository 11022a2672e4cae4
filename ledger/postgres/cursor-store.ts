import type { RunStore } from '../ledger.ts';
import { defined, number, optionalNumber, text } from '../rows/row.ts';
import type { Database } from './database.ts';

const SAVE = `
  INSERT INTO cursors VALUES ($1, $2, $3, $4)
  ON CONFLICT (scope) DO UPDATE SET value = excluded.value, full_read_at = excluded.full_read_at, saved_at = excluded.saved_at`;

/** How far each sync has read: its watermark. */
export function createCursorStore(database: Database): Pick<RunStore, 'readWatermark' | 'saveWatermark'> {
  return {
    readWatermark: async (scope) => {
      const row = await database.get('SELECT value, full_read_at, saved_at FROM cursors WHERE scope = $1', scope);
      return row === undefined
        ? undefined
        : defined({ value: text(row, 'value'), fullReadAt: optionalNumber(row, 'full_read_at'), savedAt: number(row, 'saved_at') });
    },
    saveWatermark: (scope, { value, fullReadAt }, at) =>
      database.write(async (session) => {
        await session.run(SAVE, scope, value, fullReadAt === undefined ? null : Math.round(fullReadAt), Math.round(at));
      }),
  };
}
