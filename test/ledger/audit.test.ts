import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { hashOfRow } from '../../ledger/audit/chain.ts';
import { type AuditVerdict, verifyAudit } from '../../ledger/audit/verify-audit.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { exportLines, importLines } from '../../ledger/upkeep/ndjson.ts';
import type { ExportedRow } from '../../ledger/upkeep-store.ts';
import { temporaryDatabases } from '../support/databases.ts';
import { query } from '../support/postgres.ts';
import { auditInput } from './support/audit-input.ts';
import { temporaryFolders } from './support/folders.ts';

const PROGRAM = fileURLToPath(new URL('support/audit-process.ts', import.meta.url));
const ENTRIES = 6;
const makeFolder = temporaryFolders();
const makeDatabase = temporaryDatabases();

interface Store {
  readonly name: string;
  readonly url: () => Promise<string>;
  /** Other hands, with a client of the database. */
  readonly sql: (url: string, statement: string) => Promise<void>;
  /** Takes away what keeps the log as it is. */
  readonly unlock: readonly string[];
}

const stores: readonly Store[] = [
  {
    name: 'SQLite',
    url: async () => `sqlite:${makeFolder()}/ledger.db`,
    sql: async (url, statement) => {
      const sqlite = new DatabaseSync(url.slice('sqlite:'.length), { timeout: 5_000 });
      try {
        sqlite.exec(statement);
      } finally {
        sqlite.close();
      }
    },
    unlock: ['DROP TRIGGER audit_stays', 'DROP TRIGGER audit_stays_as_it_is'],
  },
  {
    name: 'PostgreSQL',
    url: makeDatabase,
    sql: async (url, statement) => void (await query(url, statement.replace(/\baudit\b/, 'syncline.audit'))),
    unlock: ['DROP TRIGGER audit_stays ON audit'],
  },
];

for (const store of stores) {
  const place = async () => ({ url: await store.url(), directory: makeFolder() });
  const open = (at: Awaited<ReturnType<typeof place>>) => openLedger({ ...at, values: 'plain' });

  /** A log of six, whose keepers are gone; what `tamper` leaves of it is judged. */
  async function judge(
    tamper: (sql: (statement: string) => Promise<void>, rows: readonly ExportedRow[]) => Promise<void>,
    noted = ENTRIES,
  ): Promise<AuditVerdict> {
    const at = await place();
    const ledger = await open(at);
    for (let n = 1; n <= ENTRIES; n++) await ledger.appendAudit(auditInput({ at: n, details: { records: n } }));
    const rows = await ledger.exportRows('audit', undefined, ENTRIES);
    for (const statement of store.unlock) await store.sql(at.url, statement);
    await tamper((statement) => store.sql(at.url, statement), rows);
    const verdict = await verifyAudit(ledger, String(rows[noted - 1]?.['hash']));
    await ledger.close();
    return verdict;
  }

  describe(`the audit log on ${store.name}`, () => {
    it('cannot be changed or cut by a statement', async () => {
      const at = await place();
      const ledger = await open(at);
      await ledger.appendAudit(auditInput());
      for (const statement of [`UPDATE audit SET actor = 'eve'`, 'DELETE FROM audit'])
        await assert.rejects(store.sql(at.url, statement), /the audit log is only added to/);
      assert.equal((await verifyAudit(ledger)).whole, 1);
      await ledger.close();
    });

    it('tells an entry that was altered, with its hash made anew or not', async () => {
      const plain = await judge((sql) => sql(`UPDATE audit SET actor = 'eve' WHERE n = 3`));
      assert.deepEqual([plain.whole, plain.broken], [2, { what: 'altered', n: 3 }]);
      const clever = await judge(async (sql, rows) => {
        const forged = { ...rows[2], actor: 'eve' };
        await sql(`UPDATE audit SET actor = 'eve', hash = '${hashOfRow(forged)}' WHERE n = 3`);
      });
      assert.deepEqual(clever.broken, { what: 'replaced', n: 3 });
      const first = await judge((sql) => sql(`UPDATE audit SET details = '{"records":9}' WHERE n = 1`));
      assert.deepEqual([first.whole, first.broken], [0, { what: 'altered', n: 1 }]);
    });

    it('tells an entry that was removed or put in', async () => {
      assert.deepEqual((await judge((sql) => sql('DELETE FROM audit WHERE n IN (3, 4)'))).broken, { what: 'removed', n: 3 });
      assert.deepEqual((await judge((sql) => sql('DELETE FROM audit WHERE n = 1'))).broken, { what: 'removed', n: 1 });
      const copy = (n: number) =>
        `INSERT INTO audit SELECT ${n}, at, actor, host, way, project, profile, action, sync, run_id, details, previous, hash FROM ${store.name === 'SQLite' ? '' : 'syncline.'}audit WHERE n = 2`;
      assert.deepEqual((await judge((sql) => sql(copy(0)))).broken, { what: 'inserted', n: 0 });
      assert.deepEqual((await judge((sql) => sql(copy(7)))).broken, { what: 'altered', n: 7 });
    });

    it('cut off at its end is told beside a head that was noted', async () => {
      const cut = (sql: (statement: string) => Promise<void>) => sql('DELETE FROM audit WHERE n > 4');
      const verdict = await judge(cut);
      assert.deepEqual([verdict.whole, verdict.head?.n, verdict.broken], [4, 4, { what: 'unknown-head', n: 4 }]);
      assert.equal((await judge(cut, 4)).broken, undefined);
      assert.deepEqual((await judge((sql) => sql('DELETE FROM audit'))).broken, { what: 'unknown-head', n: 0 });
    });

    it('stays whole while several processes add to it', async () => {
      const at = await place();
      const ledger = await open(at);
      const children = ['a', 'b', 'c'].map((name) =>
        spawn(process.execPath, [PROGRAM, at.url, at.directory, name, '40'], { stdio: ['ignore', 'ignore', 'inherit'] }),
      );
      for (const [code] of await Promise.all(children.map((child) => once(child, 'exit')))) assert.equal(code, 0);
      const { whole, broken } = await verifyAudit(ledger);
      assert.deepEqual([whole, broken], [120, undefined]);
      const rows = await ledger.exportRows('audit', undefined, 200);
      for (const name of ['a', 'b', 'c']) {
        const own = rows.filter((row) => row['actor'] === name).map((row) => row['details']);
        assert.deepEqual(
          own,
          Array.from({ length: 40 }, (_, n) => `{"n":${n}}`),
          'each in the order in which it was added',
        );
      }
      await ledger.close();
    });

    it('moves with its ledger, and goes on there', async () => {
      const at = await place();
      const source = await open(at);
      for (let n = 1; n <= ENTRIES; n++) await source.appendAudit(auditInput({ at: n, user: 'Zoë\u0000', sync: 'contacts' }));
      const { head } = await verifyAudit(source);
      const lines: string[] = [];
      for await (const line of exportLines(source)) lines.push(line);
      const other = stores.find((each) => each !== store) ?? store;
      const target = await open({ ...at, url: await other.url() });
      await importLines(target, stream(lines));
      await target.appendAudit(auditInput({ at: 7 }));
      const verdict = await verifyAudit(target, head?.hash);
      assert.deepEqual([verdict.whole, verdict.broken], [ENTRIES + 1, undefined]);
      await source.close();
      await target.close();
    });
  });
}

async function* stream(lines: readonly string[]) {
  yield* lines;
}
