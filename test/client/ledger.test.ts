import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openLedger } from '../../ledger/open-ledger.ts';
import { changed, changedTo, held, RunDriver } from '../ledger/support/run-driver.ts';
import { temporaryDatabases } from '../support/databases.ts';
import { TestProject } from './test-project.ts';

const SYNC = 'contacts-to-hubspot';
const SCOPE = `acme/dev/${SYNC}`;
const makeDatabase = temporaryDatabases();

/** A project whose ledger knows of three records, one of them held. */
async function begin(context: TestContext, more: { readonly isAlive?: boolean } = {}): Promise<TestProject> {
  const project = new TestProject();
  context.after(() => project.remove());
  const ledger = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
  const run = await RunDriver.start(ledger, { scope: SCOPE });
  await run.stage([changed('1'), changed('2'), held('3')]);
  await run.writeAll();
  await run.close();
  if (more.isAlive !== true) await run.end();
  await ledger.close();
  return project;
}

describe('syncline ledger', () => {
  it('status says where it is, what is in it and how old that is', async (context) => {
    const project = await begin(context);
    const { code, stdout } = await project.cli(['ledger', 'status']);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^SQLite {2}.*\.syncline\/ledger\.db\n\n {2}records +3\n {2}runs +1\n {2}audit trail +2 changes, 1 verdicts?, 1 batches\n {2}since +\S/,
    );
    const json = JSON.parse((await project.cli(['ledger', 'status', '--json'])).stdout);
    assert.deepEqual([json.kind, json.rows.records, json.oldestAt], ['sqlite', 3, '1970-01-01T00:00:01.003Z']);
  });

  it('migrate says that the tables are up to date', async (context) => {
    const project = await begin(context);
    const { code, stdout } = await project.cli(['ledger', 'migrate']);
    assert.equal(code, 0);
    assert.match(stdout, /✓ The tables of .*ledger\.db are up to date \(version \d+\)\./);
  });

  it('prune forgets the audit trail, with --yes', async (context) => {
    const project = await begin(context);
    const asked = await project.cli(['ledger', 'prune', '--older-than', '90d']);
    assert.deepEqual([asked.code, /Forget the audit trail of before .* Pass --yes/.test(asked.stderr)], [2, true]);
    const { code, stdout, stderr } = await project.cli(['ledger', 'prune', '--older-than', '90d', '--yes']);
    assert.equal(code, 0);
    assert.match(stderr, /keeps its size until "syncline ledger compact" writes that anew\./);
    assert.match(stdout, /✓ Forgotten: 2 changes, 0 verdicts, 1 batch\./);
    assert.match((await project.cli(['records', SYNC, '--key', '1'])).stdout, /read for the first time/);
    assert.equal((await project.cli(['ledger', 'prune'])).code, 2);
    assert.match((await project.cli(['ledger', 'prune', '--older-than', 'soon'])).stderr, /expected a duration such as 90d/);
  });

  it('forget erases a record, and says first what is open about it', async (context) => {
    const project = await begin(context, { isAlive: true });
    const asked = await project.cli(['ledger', 'forget', SYNC, '--key', '3']);
    assert.equal(asked.code, 2);
    assert.match(asked.stderr, /! A run of the sync is alive.*\n! It is held, and waits/);
    assert.match(asked.stderr, /Erase record 3 of contacts-to-hubspot, with its story, although that is open\? Pass --yes/);
    const { code, stdout } = await project.cli(['ledger', 'forget', SYNC, '--key', '3', '--yes']);
    assert.equal(code, 0);
    assert.match(stdout, /✓ contacts-to-hubspot knows nothing of record 3 any more\./);
    assert.match((await project.cli(['ledger', 'forget', SYNC, '--key', '3', '--yes'])).stderr, /has no record with key 3: nothing was changed/);
  });

  it('forget erases who is known by an event or a sample alone', async (context) => {
    const project = await begin(context);
    const open = () => openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
    const ledger = await open();
    const events = [{ scope: SCOPE, key: '9', kind: 'changed', record: { name: 'Ada' } }] as const;
    await ledger.acceptDelivery({ connection: 'acme/dev/crm', deliveryId: 'd1', receivedAt: 1, keepUntil: 9_000, events });
    const sample = { connection: 'hubspot', method: 'POST', path: '/contacts', sentAt: 1, durationMs: 1, status: 200, isError: false };
    await ledger.keepSamples({ scope: SCOPE, runId: 'r_1', samples: [{ id: 's_1', sample, keys: ['10'] }] });
    await ledger.close();
    for (const key of ['9', '10']) assert.equal((await project.cli(['ledger', 'forget', SYNC, '--key', key, '--yes'])).code, 0, key);
    const after = await open();
    assert.deepEqual([...(await after.exportRows('delivered_events', undefined, 9)), ...(await after.exportRows('request_samples', undefined, 9))], []);
    await after.close();
  });

  it('compact leaves no byte of whom was forgotten, and gives their room back', async (context) => {
    const project = await begin(context);
    // As a worker has it: then the log beside the file stays, too.
    const worker = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
    context.after(() => worker.close());
    await worker.saveDefinition('h2', SCOPE, {}, 1);
    const files = ['ledger.db', 'ledger.db-wal'].map((file) => join(project.directory, '.syncline', file));
    const isThere = (text: string) => files.some((file) => existsSync(file) && readFileSync(file).includes(text));
    const forgot = await project.cli(['ledger', 'forget', SYNC, '--key', '1', '--yes']);
    assert.match(forgot.stderr, /Its bytes stay in the file of the ledger until "syncline ledger compact" writes that anew\./);
    assert.ok(isThere('k1@x.test'), 'there was nothing to clear away');
    const asked = await project.cli(['ledger', 'compact']);
    assert.deepEqual([asked.code, /Write .*ledger\.db anew \(0\.\d MB\)\? .* Pass --yes/.test(asked.stderr)], [2, true]);
    const { code, stdout, stderr } = await project.cli(['ledger', 'compact', '--yes']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /✓ 0\.\d MB, 0\.\d MB before\. Nothing is left of what was forgotten\./);
    assert.ok(!isThere('k1@x.test') && isThere('k2@x.test'));
    const { bytesBefore, bytes } = JSON.parse((await project.cli(['ledger', 'compact', '--yes', '--json'])).stdout);
    assert.ok(bytes <= bytesBefore, `${bytes} of ${bytesBefore}`);
    assert.match((await project.cli(['records', SYNC, '--key', '2'])).stdout, /read for the first time/);
    assert.match((await project.cli(['audit'])).stdout, /ledger\.compacted/);
  });

  it('compact waits for runs that are alive, and leaves PostgreSQL to itself', async (context) => {
    const project = await begin(context, { isAlive: true });
    const refused = await project.cli(['ledger', 'compact', '--yes']);
    assert.equal(refused.code, 7);
    assert.match(refused.stderr, /A run of acme\/dev\/contacts-to-hubspot is alive: wait for its end, or cancel it, and compact then\./);
    const { code, stdout } = await project.cli(['ledger', 'compact', '--yes'], { SYNCLINE_LEDGER: await makeDatabase() });
    assert.deepEqual([code, stdout], [0, 'Nothing to do: PostgreSQL clears what was deleted by itself (autovacuum).\n']);
  });

  it('export and import carry a ledger from SQLite to PostgreSQL, for its owner alone', async (context) => {
    const project = await begin(context);
    const file = join(project.directory, 'ledger.ndjson');
    const exported = await project.cli(['ledger', 'export', file]);
    assert.equal(exported.code, 0, exported.stderr);
    assert.equal((statSync(file).mode & 0o777).toString(8), '600');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    assert.deepEqual(JSON.parse(lines.at(-1) ?? ''), { end: lines.length - 2 });
    assert.match((await project.cli(['ledger', 'export', file])).stderr, /it is there already: name another one, or remove it/);
    const env = { SYNCLINE_LEDGER: await makeDatabase() };
    const imported = await project.cli(['ledger', 'import', file, '--yes'], env);
    assert.equal(imported.code, 0, imported.stderr);
    assert.match(imported.stdout, new RegExp(`✓ ${lines.length - 2} rows are in syncline_`));
    const status = await project.cli(['ledger', 'status'], env);
    assert.match(status.stdout, /^PostgreSQL {2}syncline_\w+ at 127\.0\.0\.1:\d+\n\n {2}records +3\n/);
    assert.match((await project.cli(['records', SYNC, '--key', '2'], env)).stdout, /read for the first time/);
    assert.match((await project.cli(['ledger', 'import', file, '--yes'], env)).stderr, /is not empty: import into a new one/);
    assert.equal(
      (await project.cli(['ledger', 'export', '-'], env)).stdout.trimEnd().split('\n').length,
      lines.length + 1,
      'one more: the import is in the audit log',
    );
  });

  it('a record with line breaks of Unicode in it moves like any other', async (context) => {
    const project = await begin(context);
    const name = 'Ada\u2028Lovelace\u2029\u0085';
    const ledger = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
    const run = await RunDriver.start(ledger, { id: 'r_2', scope: SCOPE, now: 5_000 });
    await run.stage([changedTo('1', name)]);
    await run.writeAll();
    await run.close();
    await run.end();
    await ledger.close();
    const file = join(project.directory, 'ledger.ndjson');
    assert.equal((await project.cli(['ledger', 'export', file])).code, 0);
    const other = `sqlite:${join(project.directory, 'other.db')}`;
    const imported = await project.cli(['ledger', 'import', file, '--yes'], { SYNCLINE_LEDGER: other });
    assert.equal(imported.code, 0, imported.stderr);
    const moved = await openLedger({ url: other, directory: join(project.directory, '.syncline'), values: 'plain' });
    assert.equal((await moved.readRecords(SCOPE, ['1'])).get('1')?.fields?.['name'], name);
    await moved.close();
  });

  it('export waits for runs that are alive; import says what is wrong with a file', async (context) => {
    const project = await begin(context, { isAlive: true });
    const file = join(project.directory, 'none.ndjson');
    const exported = await project.cli(['ledger', 'export', file]);
    assert.equal(exported.code, 7);
    assert.match(exported.stderr, /A run of acme\/dev\/contacts-to-hubspot is alive: wait for its end, or cancel it, and export then\./);
    assert.ok(!existsSync(file));
    const empty = { SYNCLINE_LEDGER: `sqlite:${join(project.directory, 'empty.db')}` };
    assert.match((await project.cli(['ledger', 'import', file, '--yes'], empty)).stderr, /none\.ndjson cannot be used: ENOENT/);
    writeFileSync(file, 'hello\n');
    const refused = await project.cli(['ledger', 'import', file, '--yes'], empty);
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /The import cannot go on: a line of the file is no JSON\./);
  });
});
