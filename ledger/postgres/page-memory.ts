import type { PageMemory } from '../page-memory.ts';
import { readRememberedPage, rememberedText } from '../rows/remembered-page.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';

const REMEMBER = `
  INSERT INTO remembered_pages (scope, place, basis, body, kept_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (scope, place) DO UPDATE SET basis = excluded.basis, body = excluded.body, kept_at = excluded.kept_at`;

export function createPageMemory(database: Database, vault: Vault): PageMemory {
  return {
    readRememberedPage: async (scope, place) =>
      readRememberedPage(vault, await database.get('SELECT body FROM remembered_pages WHERE scope = $1 AND place = $2', scope, place)),
    rememberPage: async ({ scope, place, page, isSealed, at }) =>
      void (await database.writeLazily(async (session) => {
        await session.run('DELETE FROM remembered_pages WHERE scope = $1 AND basis <> $2', scope, page.basis);
        await session.run(REMEMBER, scope, place, page.basis, rememberedText(vault, page, isSealed), Math.round(at));
      })),
  };
}
