import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../ledger/sqlite/database.ts';
import { PATIENCE_MS } from '../support/until.ts';
import { temporaryFolders } from './support/folders.ts';

const makeFolder = temporaryFolders();
const ROWS = 100;
const SAVE = 'INSERT INTO facts VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value';

it('a long log is copied into the file while the work goes on, and begins anew', async () => {
  const path = join(makeFolder(), 'ledger.db');
  const database = await Database.open(path);
  const other = new DatabaseSync(path);
  const pagesOfLog = () => Number(other.prepare('PRAGMA wal_checkpoint(NOOP)').get()?.['log']);
  const deadline = Date.now() + PATIENCE_MS;
  let [longest, pages] = [0, 0];
  while (pages >= longest) {
    longest = pages;
    assert.ok(Date.now() < deadline, `the log went on growing: ${pages} pages`);
    await database.write(() => {
      for (let row = 0; row < ROWS; row++) database.run(SAVE, `${row}`, `${Date.now()} ${'x'.repeat(6_000)}`);
    });
    pages = pagesOfLog();
    // Its thread needs a processor, too.
    if (pages > 16_000) await sleep(20);
  }
  assert.ok(longest >= 16_000, 'not before it is long');
  assert.ok(longest < 30_000, 'before SQLite itself stops the work for it');
  assert.equal(other.prepare('SELECT count(*) AS n FROM facts').get()?.['n'], ROWS);
  other.close();
  await database.close();
});
