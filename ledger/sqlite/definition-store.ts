import type { DefinitionStore } from '../ledger.ts';
import { json } from '../rows/row.ts';
import type { Database } from './database.ts';

export function createDefinitionStore(database: Database): DefinitionStore {
  return {
    saveDefinition: (hash, scope, body, at) =>
      database.write(
        () => void database.run('INSERT INTO definitions VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING', hash, scope, JSON.stringify(body), Math.round(at)),
      ),
    readDefinition: (hash) =>
      database.read(() => {
        const row = database.get('SELECT body FROM definitions WHERE hash = ?', hash);
        return row === undefined ? undefined : json(row, 'body');
      }),
  };
}
