import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDatabases } from '../support/databases.ts';
import { query } from '../support/postgres.ts';
import { finished, Project } from '../support/project.ts';
import { SmallApi } from '../support/small-api.ts';
import { until } from '../support/until.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/warehouse', import.meta.url));
const CUSTOMERS = 3_000;
const makeDatabase = temporaryDatabases();

it('the example: three sources into one PostgreSQL table; a worker killed in the middle loses nothing and doubles nothing, and a second run writes nothing', async (context) => {
  const { project, warehouse, shop } = await start(context);
  const live = await project.cli('check', '--live');
  assert.equal(live.code, 0, live.stdout + live.stderr);
  assert.match(live.stdout, /✓ warehouse +answers at 127\.0\.0\.1:\d+\/syncline_\w+ in/);
  assert.match(live.stdout, /✓ warehouse people +first shop-to-warehouse makes the table people \(source, source_id, .*; key source, source_id\)/);

  const first = await project.startWorker();
  const plan = await project.cli('plan', 'newsletter-to-warehouse');
  assert.match(plan.stdout.replaceAll(/\s+/g, ' '), /Before it writes, the run makes the table people \(/);
  const running = finished(project.spawnCli('run', '--all', '--yes'));
  // Where it ends before that, what it says tells why.
  await Promise.race([until('some rows to be written', async () => (await countOf(warehouse)) > 500), running]);
  first.child.kill('SIGKILL');
  const before = await countOf(warehouse);
  await project.startWorker();
  const { code, stdout, stderr } = await running;
  assert.equal(code, 0, stdout + stderr);
  assert.ok(before < CUSTOMERS, `all ${before} were written before the kill`);

  const rows = await query(
    warehouse,
    'SELECT source, source_id, email, name, country, revenue, changed_at::text FROM people ORDER BY source, source_id COLLATE "C"',
  );
  const shown = (source: string) => rows.filter((row) => row['source'] === source);
  assert.deepEqual([shown('crm').length, shown('newsletter').length, shown('shop').length], [120, 3, CUSTOMERS + 3]);
  assert.deepEqual(
    shown('shop').filter(({ source_id: id }) => id === '1' || id === '3'),
    [
      {
        source: 'shop',
        source_id: '1',
        email: 'ada@example.test',
        name: 'Ada Lovelace',
        country: 'GB',
        revenue: '119.90',
        changed_at: '2026-01-05 09:00:00+00',
      },
      { source: 'shop', source_id: '3', email: null, name: `Zoë O'Brien; "Z"`, country: 'IE', revenue: '0.00', changed_at: '2026-01-07 23:59:59+00' },
    ],
  );
  assert.deepEqual(new Set(shown('shop').map(({ source_id: id }) => id)).size, CUSTOMERS + 3);

  const written = async () => query(warehouse, `SELECT max(_syncline_synced_at)::text AS last FROM people`);
  const last = await written();
  const again = await project.cli('run', 'shop-to-warehouse', '--full', '--yes');
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.deepEqual(await written(), last);
  shop.exec(`UPDATE customers SET name = 'Ada', changed_at = '2026-03-01T00:00:00Z' WHERE id = 1`);
  assert.equal((await project.cli('run', 'shop-to-warehouse', '--yes')).code, 0);
  assert.deepEqual(await query(warehouse, `SELECT name FROM people WHERE source = 'shop' AND source_id = '1'`), [{ name: 'Ada' }]);

  const story = await project.cli('explain', 'shop-to-warehouse', '--key', '1');
  assert.equal(story.code, 0, story.stdout + story.stderr);
  const compared = await project.cli('reconcile', 'shop-to-warehouse');
  assert.equal(compared.code, 0, compared.stdout + compared.stderr);
});

async function start(context: TestContext) {
  const warehouse = await makeDatabase();
  const api = await SmallApi.start(120);
  context.after(() => api.stop());
  const files = Object.fromEntries(filesOf('').map((file) => [file, readFileSync(join(EXAMPLE, file), 'utf8')]));
  const { 'syncline.yaml': _, ...others } = files;
  const project = await Project.create(others, { WAREHOUSE_URL: warehouse, CRM_TOKEN: 'x' });
  context.after(() => project.stop());
  // The CRM of this suite has other names than that of the sandbox.
  project.edit('connections/crm.yaml', (text) => `${text.slice(0, text.indexOf('objects:')).replace(/baseUrl: .*/, `baseUrl: ${api.url}`)}${PEOPLE}`);
  project.edit('syncs/crm-to-warehouse.yaml', (text) =>
    text
      .replace('email_address', 'mail')
      .replace(/\{ expression: .*/, 'name')
      .replace('company: company', 'company: { from: company }'),
  );
  project.edit(
    'connections/warehouse.yaml',
    (text) => `${text.replace('request: 10s', 'request: 3s').replace('connector: postgres', 'connector: postgres\napplyDelay: 1s')}`,
  );
  project.edit('connections/shop.yaml', (text) => text.replace('key: id', 'key: id\n      pageRows: 100'));
  project.edit('syncs/shop-to-warehouse.yaml', (text) => `${text}segment: { records: 500 }\n`);
  mkdirSync(join(project.directory, 'data'), { recursive: true });
  const shop = new DatabaseSync(join(project.directory, 'data/shop.db'));
  context.after(() => shop.close());
  shop.exec(readFileSync(join(EXAMPLE, 'data/shop.sql'), 'utf8'));
  shop.exec(
    `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${CUSTOMERS})
     INSERT INTO customers SELECT n + 3, 'c' || n || '@example.test', 'Customer ' || n, 'CH', '2026-02-01T00:00:00Z' FROM numbers`,
  );
  return { project, warehouse, shop };
}

const PEOPLE = `objects:
  contacts:
    list:
      get: /people
      query: { since: { value: "{window.from}", optional: true }, until: { value: "{window.to}", optional: true } }
      records: $
      page: { type: keyset, key: id, param: after }
`;

async function countOf(warehouse: string): Promise<number> {
  const [row] = await query(warehouse, 'SELECT count(*)::int AS count FROM people').catch(() => []);
  return Number(row?.['count'] ?? 0);
}

/** Below the example, without what a run leaves there. */
function filesOf(folder: string): string[] {
  return readdirSync(join(EXAMPLE, folder)).flatMap((name) => {
    const path = join(folder, name);
    if (name.startsWith('.') || name.endsWith('.db')) return [];
    return statSync(join(EXAMPLE, path)).isDirectory() ? filesOf(path) : [path];
  });
}
