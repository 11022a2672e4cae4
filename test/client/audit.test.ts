import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { openLedger } from '../../ledger/open-ledger.ts';
import { migrate } from '../../ledger/sqlite/migrate.ts';
import { MIGRATIONS } from '../../ledger/sqlite/migrations/index.ts';
import { changed, RunDriver } from '../ledger/support/run-driver.ts';
import { TestProject } from './test-project.ts';

const SYNC = 'contacts-to-hubspot';
const CLIENT = fileURLToPath(new URL('../../client', import.meta.url));
const ADA = { SYNCLINE_ACTOR: 'Ada Lovelace' };
const entriesSchema = z.object({
  entries: z.array(z.object({ n: z.number(), user: z.string(), way: z.string(), action: z.string(), sync: z.string().optional(), details: z.json() })),
});

/** A project whose ledger has lost two records to `forget`, and been pruned: by Ada, and by the account of this process. */
async function begin(context: TestContext): Promise<TestProject> {
  const project = new TestProject();
  context.after(() => project.remove());
  const ledger = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
  const run = await RunDriver.start(ledger, { scope: `acme/dev/${SYNC}` });
  await run.stage([changed('the-key-of-bob'), changed('2')]);
  await run.writeAll();
  await run.close();
  await run.end();
  await ledger.close();
  assert.equal((await project.cli(['ledger', 'forget', SYNC, '--key', 'the-key-of-bob', '--yes'], ADA)).code, 0);
  assert.equal((await project.cli(['ledger', 'prune', '--older-than', '90d', '--yes'])).code, 0);
  return project;
}

function database(project: TestProject): DatabaseSync {
  return new DatabaseSync(join(project.directory, '.syncline/ledger.db'), { timeout: 5_000 });
}

describe('syncline audit', () => {
  it('lists who did what, newest first, and has no key of a record in it', async (context) => {
    const project = await begin(context);
    const { code, stdout } = await project.cli(['audit']);
    assert.equal(code, 0);
    const [head = '', prune = '', forget = ''] = stdout.split('\n');
    assert.match(head, /^WHEN +WHO +WHAT +SYNC +RUN +DETAILS$/);
    assert.match(prune, /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d {2}\S+@\S+ +ledger\.pruned +batches 1, before 20\d\d-\d\d-\d\d, changes 1, verdicts 0$/);
    assert.match(forget, /Ada Lovelace@\S+ +ledger\.forgotten +contacts-to-hubspot +records 1$/);
    assert.ok(!(await project.cli(['audit', '--json'])).stdout.includes('the-key-of-bob'));
    const { entries } = entriesSchema.parse(JSON.parse((await project.cli(['audit', '--json', '--sync', SYNC, '--since', '1h'])).stdout));
    assert.deepEqual(
      entries.map(({ n, user, way, action, details }) => ({ n, user, way, action, details })),
      [{ n: 1, user: 'Ada Lovelace', way: 'cli', action: 'ledger.forgotten', details: { records: 1 } }],
    );
    assert.match((await project.cli(['audit', '--limit', '1'])).stderr, /The newest 1; more with --limit/);
    assert.match((await project.cli(['audit', '--sync', 'other'])).stdout, /^Nothing of that is in the audit log\.$/m);
  });

  it('verify says since when it is whole, and takes a head that was noted', async (context) => {
    const project = await begin(context);
    const { code, stdout, stderr } = await project.cli(['audit', 'verify']);
    assert.equal(code, 0);
    assert.match(stdout, /^✓ 2 entries are whole, since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\n\n {2}head {2}[0-9a-f]{64} {2}\(entry 2, 20/);
    assert.match(stderr, /Note the head elsewhere/);
    const noted = /[0-9a-f]{64}/.exec(stdout)?.[0] ?? '';
    await project.cli(['ledger', 'prune', '--older-than', '90d', '--yes']);
    const later = await project.cli(['audit', 'verify', '--head', noted]);
    assert.deepEqual([later.code, /3 entries are whole[\s\S]*The entry that was noted is in its place\./.test(later.stdout)], [0, true]);
    const other = await project.cli(['audit', 'verify', '--head', 'f'.repeat(64)]);
    assert.equal(other.code, 1);
    assert.match(
      other.stdout,
      /✗ The entry that was noted is not there: the log was cut off at its end, or written anew\. It now ends with entry 3, [0-9a-f]{64}\./,
    );
    assert.equal((await project.cli(['audit', 'verify', '--head', 'short'])).code, 2);
  });

  it('verify finds the row that somebody changed with SQL, exit code 1', async (context) => {
    const project = await begin(context);
    const sqlite = database(project);
    assert.throws(() => sqlite.exec(`UPDATE audit SET actor = 'eve' WHERE n = 1`), /the audit log is only added to/);
    sqlite.exec(`DROP TRIGGER audit_stays_as_it_is; UPDATE audit SET actor = 'eve' WHERE n = 1`);
    sqlite.close();
    const { code, stdout } = await project.cli(['audit', 'verify']);
    assert.equal(code, 1);
    assert.equal(stdout, '✗ Entry 1 was altered: it is not what its hash was made of. Nothing before it is whole.\n');
    const json = JSON.parse((await project.cli(['audit', 'verify', '--json'])).stdout);
    assert.deepEqual([json.isWhole, json.broken], [false, { what: 'altered', n: 1 }]);
  });

  it('an action that cannot be written down is done and told, and does not end with 0', async (context) => {
    const project = await begin(context);
    const sqlite = database(project);
    sqlite.exec(`CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no more'); END`);
    sqlite.close();
    const { code, stdout, stderr } = await project.cli(['ledger', 'forget', SYNC, '--key', '2', '--yes']);
    assert.equal(code, 5);
    assert.match(stdout, /knows nothing of record 2 any more/);
    assert.match(stderr, /✗ This was done, but is not in the audit log: ledger\.forgotten contacts-to-hubspot\. /);
  });

  it('says who brought the tables of an older ledger up to date', async (context) => {
    const project = new TestProject();
    context.after(() => project.remove());
    mkdirSync(join(project.directory, '.syncline'));
    const sqlite = database(project);
    migrate(sqlite, 'ledger.db', MIGRATIONS.slice(0, -1));
    sqlite.close();
    assert.match(
      (await project.cli(['audit'], ADA)).stdout,
      new RegExp(`Ada Lovelace@\\S+ +ledger\\.migrated +from ${MIGRATIONS.length - 1}, to ${MIGRATIONS.length}`),
    );
    assert.equal((await project.cli(['audit', 'verify'])).code, 0);
  });
});

it('every file of the command line that asks for consent also writes down what was done, or starts a run', () => {
  const files = readdirSync(CLIENT, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && file !== 'cli.ts');
  const asking = files.filter((file) => /\.(?:allowChange|requireConsent)\(/.test(readFileSync(join(CLIENT, file), 'utf8')));
  assert.ok(asking.length >= 15, `${asking.length} files`);
  for (const file of asking)
    assert.match(
      readFileSync(join(CLIENT, file), 'utf8'),
      /audit\.record\(|(?:start(?:Own)?Run|startBackfill|steerRun)\(/,
      `${file} does not write into the audit log`,
    );
});
