import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { type Files, linesOf, loadFiles } from './make-project.ts';

const FILES: Files = {
  'syncline.yaml': 'name: acme\n',
  'connections/warehouse.yaml': `connector: postgres
shared: true
database: "\${secret:CRM_TOKEN}"
objects:
  people:
    table: { name: people, createTable: true }
  recent:
    orderedBy: changed_at
    query: { select: "SELECT * FROM people", key: [source, id] }
`,
  'connections/inbox.yaml': `connector: files
shared: true
objects:
  leads:
    file: { path: "*.csv", key: id }
`,
  'syncs/leads.yaml': `source: { connection: inbox, object: leads }
target: { connection: warehouse, object: people, matchOn: [source, id] }
mapping:
  source: { value: inbox }
  id: id
  name: name
`,
};
const WAREHOUSE = 'connections/warehouse.yaml';
const INBOX = 'connections/inbox.yaml';
const LEADS = 'syncs/leads.yaml';

it('a project of a database and of files without mistakes has none', (context) => assert.deepEqual(mistakesOf(context, {}), []));

const CASES: readonly (readonly [title: string, file: string, from: string, to: string, ...lines: readonly string[]])[] = [
  [
    'a password in the file',
    WAREHOUSE,
    '"${secret:CRM_TOKEN}"',
    'postgres://me:word@db/x',
    `${WAREHOUSE}:3:11 database: the URL of a database holds its password: write \${secret:NAME}, and put postgres://… into .env`,
  ],
  [
    'a secret that is not set',
    WAREHOUSE,
    'CRM_TOKEN',
    'OTHER',
    `${WAREHOUSE}:3:11 database: the secret OTHER is not set: put it into the environment, .env, or a file in SYNCLINE_SECRETS_DIR`,
  ],
  [
    'no database',
    WAREHOUSE,
    'database: "${secret:CRM_TOKEN}"',
    'timeouts: {}',
    `${WAREHOUSE}:1:1 database: is required: the secret that holds the URL of the database, such as \${secret:WAREHOUSE_URL}`,
  ],
  [
    'an address of HTTP',
    WAREHOUSE,
    'shared: true',
    'shared: true\nbaseUrl: https://x.test',
    `${WAREHOUSE}:3:1 baseUrl: baseUrl is nothing that a database has`,
  ],
  [
    'limits of requests',
    WAREHOUSE,
    'shared: true',
    'shared: true\nlimits: { requests: [{ count: 1, per: 1s }] }',
    `${WAREHOUSE}:3:11 limits.requests: is for APIs that count requests: here \`limits.concurrency\` bounds the connections`,
  ],
  [
    'an endpoint',
    WAREHOUSE,
    'table: { name: people, createTable: true }',
    'list: { get: /people, records: $ }',
    `${WAREHOUSE}:6:5 objects.people.list: list is of REST APIs: here an object is a \`table\` or a \`query\``,
    `${LEADS}:2:42 target.object: people cannot be written in mode upsert: it needs \`upsert\`, or \`create\` and \`update\``,
    `${LEADS}:2:59 target.matchOn: people is matched on one field: several are for tables of a database`,
  ],
  [
    'a file of a database',
    WAREHOUSE,
    'table: { name: people, createTable: true }',
    'file: { path: x.csv }',
    `${WAREHOUSE}:6:5 objects.people.file: a file is nothing that the connector postgres has`,
    `${LEADS}:2:42 target.object: people is a file, and files are read only: write to a table (connector: sqlite is a file, too)`,
  ],
  [
    'a key of REST',
    WAREHOUSE,
    'orderedBy: changed_at',
    'primaryKey: id',
    `${WAREHOUSE}:8:5 objects.recent.primaryKey: write it as \`query.key\` here, for example query: { …, key: source, id }`,
  ],
  [
    'a statement that writes',
    WAREHOUSE,
    'SELECT * FROM people',
    'DELETE FROM people',
    `${WAREHOUSE}:9:22 objects.recent.query.select: must begin with SELECT or WITH`,
  ],
  [
    'a type that is none',
    WAREHOUSE,
    'createTable: true',
    'columns: { a: "text; DROP TABLE people" }',
    `${WAREHOUSE}:6:42 objects.people.table.columns.a: must be a type such as text, numeric(12,2) or timestamptz`,
  ],
  [
    'an incremental column that rows are not ordered by',
    LEADS,
    'source: { connection: inbox, object: leads }',
    'source: { connection: warehouse, object: recent, incremental: { cursorField: changed } }',
    `${LEADS}:1:78 source.incremental.cursorField: recent is read by its \`orderedBy\`, changed_at: incremental goes by the same column, did you mean "changed_at"?`,
  ],
  [
    'an incremental read of a table without order',
    LEADS,
    'source: { connection: inbox, object: leads }',
    'source: { connection: warehouse, object: people, incremental: { cursorField: changed } }',
    `${LEADS}:1:50 warning: source.incremental: people is listed whole each time: say "orderedBy: changed" in the object, and have an index on it`,
    `${LEADS}:2:42 warning: target.object: source and target are the same object: what is written would be read again`,
  ],
  [
    'slices of a file',
    LEADS,
    'object: leads }',
    'object: leads, slices: { by: ids, from: 1, size: 10 } }',
    `${LEADS}:1:45 source.slices: leads has no such slices: it is read from its beginning`,
  ],
  [
    'a target that is a file',
    LEADS,
    'target: { connection: warehouse, object: people',
    'target: { connection: inbox, object: leads',
    `${LEADS}:2:38 warning: target.object: source and target are the same object: what is written would be read again`,
    `${LEADS}:2:38 target.object: leads is a file, and files are read only: write to a table (connector: sqlite is a file, too)`,
  ],
  [
    'a target that is a statement',
    LEADS,
    'object: people',
    'object: recent',
    `${LEADS}:2:42 target.object: recent is a query, which can only be read: write to a \`table\``,
  ],
  [
    'a column of the match key that is not mapped',
    LEADS,
    'matchOn: [source, id]',
    'matchOn: [sorce, id]',
    `${LEADS}:2:59 target.matchOn: "sorce" is not in the mapping, so no record could be matched, did you mean "source"?`,
  ],
  [
    'a table of a folder',
    INBOX,
    'file: { path: "*.csv", key: id }',
    'table: people',
    `${INBOX}:5:5 objects.leads.table: a table is nothing that the connector files has`,
  ],
];

for (const [title, file, from, to, ...lines] of CASES) {
  it(`finds ${title}`, (context) => {
    const text = FILES[file] ?? '';
    assert.ok(text.includes(from));
    assert.deepEqual(mistakesOf(context, { [file]: text.replace(from, () => to) }), lines);
  });
}

function mistakesOf(context: TestContext, changed: Files): readonly string[] {
  return linesOf(loadFiles(context, { ...FILES, ...changed }));
}
