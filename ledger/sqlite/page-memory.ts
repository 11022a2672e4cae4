import type { PageMemory } from '../page-memory.ts';
import { readRememberedPage, rememberedText } from '../rows/remembered-page.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';

const REMEMBER = `
  INSERT INTO remembered_pages (scope, place, basis, body, kept_at) VALUES (?1, ?2, ?3, ?4, ?5)
  ON CONFLICT DO UPDATE SET basis = excluded.basis, body = excluded.body, kept_at = excluded.kept_at`;

export function createPageMemory(database: Database, vault: Vault): PageMemory {
  return {
    readRememberedPage: (scope, place) =>
      database.read(() => readRememberedPage(vault, database.get('SELECT body FROM remembered_pages WHERE scope = ? AND place = ?', scope, place))),
    rememberPage: ({ scope, place, page, isSealed, at }) =>
      database.writeLazily(() => {
        database.run('DELETE FROM remembered_pages WHERE scope = ? AND basis <> ?', scope, page.basis);
        database.run(REMEMBER, scope, place, page.basis, rememberedText(vault, page, isSealed), Math.round(at));
      }),
  };
}
