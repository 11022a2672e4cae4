import type { DefinitionStore } from '../ledger.ts';
import { json } from '../rows/row.ts';
import type { Database } from './database.ts';

export function createDefinitionStore(database: Database): DefinitionStore {
  return {
    saveDefinition: (hash, scope, body, at) =>
      database.write(async (session) => {
        await session.run('INSERT INTO definitions VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', hash, scope, JSON.stringify(body), Math.round(at));
      }),
    readDefinition: async (hash) => {
      const row = await database.get('SELECT body FROM definitions WHERE hash = $1', hash);
      return row === undefined ? undefined : json(row, 'body');
    },
  };
}
