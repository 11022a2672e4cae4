import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { type ConnectorCell, cellsOf } from '../../connectors/kit/connector-cells.ts';
import type { KitRow } from '../../connectors/kit/kit-row.ts';
import { runKit } from '../../connectors/kit/run-kit.ts';
import { connectorSchema } from '../../definition/schema/connector.ts';
import { temporaryDatabases } from '../support/databases.ts';
import { shippedConnector } from './shipped-connector.ts';

const FOLDER = new URL('../../connectors/manifests/', import.meta.url);
const NAMES = readdirSync(FOLDER).map((file) => file.replace('.yaml', ''));
/** More connectors come only while these have nothing left that is not tried. */
const DEEP = ['hubspot', 'postgres', 'salesforce', 'shopify', 'sqlite', 'stripe', 'zendesk'];
const makePostgres = temporaryDatabases();

const wordsOf = (rows: readonly KitRow[], verdict: KitRow['verdict']) =>
  rows.filter((row) => row.verdict === verdict).map(({ object = '', operation, name, sentence = '' }) => `${object} ${operation}, ${name}: ${sentence}`);

describe('the connector kit', () => {
  for (const name of NAMES) {
    it(`${name} does what it says, as far as the kit can try it`, async () => {
      const database = name === 'postgres' ? await makePostgres() : undefined;
      const connector = shippedConnector(name);
      const rows = await runKit(name, connector, { database });
      assert.deepEqual(wordsOf(rows, 'failed'), []);
      const isTried = ({ object, operation }: ConnectorCell) =>
        rows.some((row) => row.operation === operation && row.verdict === 'passed' && (row.object === object || connector.kind === 'files'));
      const untried = cellsOf(connector).filter((cell) => !isTried(cell));
      assert.deepEqual(untried, [], 'each cell of docs/connectors.md is tried by a row that passed');
      const told = new Set(connector.webhooks?.events?.map(({ object }) => object));
      for (const object of told) assert.ok(rows.some((row) => row.operation === 'webhooks' && row.object === object && row.verdict === 'passed'));
      for (const words of wordsOf(rows, 'open')) assert.match(words, /\w\.$/);
      if (DEEP.includes(name)) assert.deepEqual(wordsOf(rows, 'open'), []);
    });
  }
});

/** A connector to an API of three answers, as its documentation shows them. */
const ACME = `
baseUrl: https://api.acme.test/v2
version: { header: X-API-Version, value: "2026-01-01" }
auth: { type: api-key, name: X-Api-Key, key: "\${secret:ACME_KEY}" }
limits: { requests: [{ count: 20, per: 1s }] }
errors:
  - { when: "status = 200 and body.errors", outcome: reject-request, message: "body.errors[0].message" }
  - { when: "status = 403 and body.code = 'DAILY_LIMIT'", outcome: quota-spent, until: "headers.'x-reset-at'" }
objects:
  contacts:
    list:
      get: /contacts
      query: { updated_after: { value: "{window.from}", optional: true } }
      records: data
      page: { type: cursor, cursor: meta.next, param: cursor, size: { param: limit, max: 100 } }
    create:
      post: /contacts/batch
      max: 10
      body: { items: "{records}" }
      results: { at: results, id: id, error: error.message }
      idempotency: { header: Idempotency-Key }
examples:
  - object: contacts
    of: list
    link: https://acme.test/docs/contacts#list
    exchanges:
      - { request: "GET /v2/contacts?limit=100", answer: { data: [{ id: 1 }, { id: 2 }], meta: { next: abc } } }
      - { request: "GET /v2/contacts?limit=100&cursor=abc", answer: { data: [{ id: 3 }], meta: {} } }
    keys: ["1", "2", "3"]
  - object: contacts
    of: create
    link: https://acme.test/docs/contacts#batch
    exchanges:
      - request: POST /v2/contacts/batch
        answer: { results: [{ id: 7 }, { error: { message: "no such plan" } }, { id: 9 }] }
    send: [{ fields: { name: a } }, { fields: { name: b } }, { fields: { name: c } }]
    outcomes: [written, rejected, written]
    ids: ["7", "9"]
`;

const acme = (from = '', to = '') => {
  assert.ok(from === '' || ACME.includes(from), from);
  return runKit('acme', connectorSchema.parse(parse(ACME.replace(from, to))));
};

/** One that answers neither JSON nor in one format. */
const OLD = `
baseUrl: https://old.test
auth: { type: none }
objects:
  orders: { list: { get: /orders.xml, as: xml, records: "[orders.order]", page: { type: page, param: page, hasMore: orders.more } } }
  lines: { list: { get: /lines.ndjson, as: ndjson, records: $ } }
  stock: { primaryKey: sku, list: { get: /stock.csv, as: csv, records: $ } }
examples:
  - object: orders
    of: list
    link: https://old.test/docs
    exchanges:
      - { request: "GET /orders.xml?page=1", answer: "<orders><order><id>7</id></order><more>true</more></orders>" }
      - { request: "GET /orders.xml?page=2", answer: "<orders><order><id>8</id></order><order><id>9</id></order><more>false</more></orders>" }
    keys: ["7", "8", "9"]
  - { object: stock, of: list, link: https://old.test/docs, exchanges: [{ request: GET /stock.csv, answer: "sku,name\\nA1,\\"Bolt, long\\"\\n" }], keys: [A1] }
`;

it('the connector kit answers XML, NDJSON and CSV, too, and plays documented texts back as they are', async () => {
  const rows = await runKit('old', connectorSchema.parse(parse(OLD)));
  assert.deepEqual(wordsOf(rows, 'failed'), []);
  const passed = wordsOf(rows, 'passed');
  for (const words of ['lines read, one page: ', 'stock read, one page: ', 'orders examples, list, as documented: ', 'stock examples, list, as documented: ']) {
    assert.ok(passed.includes(words), `${words}\n${wordsOf(rows, 'open').join('\n')}`);
  }
});

describe('the connector kit, over a connector that is wrong', () => {
  it('is green before anything is broken, with every kind of row', async () => {
    const rows = await acme();
    assert.deepEqual(wordsOf(rows, 'failed'), []);
    assert.deepEqual(wordsOf(rows, 'open'), [' account, probe: the connector has no probe: the first list is read in its place.']);
    assert.deepEqual(
      [...new Set(rows.map(({ operation }) => operation))],
      ['schema', 'read', 'incremental', 'create', 'discover', 'errors', 'limits', 'examples', 'account'],
    );
  });

  const broken: readonly (readonly [what: string, from: string, to: string, red: RegExp])[] = [
    ['the path of the records', 'records: data', 'records: items', /^contacts examples, list.*the records path "items" finds nothing/],
    [
      'the parameter of the cursor',
      'param: cursor,',
      'param: after,',
      /^contacts examples, list.*"GET \/v2\/contacts\?.*after=abc" was asked for, which is no documented request/,
    ],
    ['the path of the next cursor', 'cursor: meta.next,', 'cursor: meta.after,', /^contacts examples, list.*expected \["1","2","3"\], but it was \["1","2"\]/],
    ['the size of a page', 'param: limit,', 'param: per_page,', /^contacts examples, list.*per_page=100" was asked for/],
    ['the list of results', 'results: { at: results,', 'results: { at: "results[[1..3]]",', /^contacts examples, create.*what became of the records/],
    [
      'where a result tells its error',
      'error: error.message',
      'error: fault.message',
      /^contacts examples, create.*expected \["written","rejected","written"\]/,
    ],
    ['where a result tells its id', 'id: id, error', 'id: uuid, error', /^contacts examples, create.*the target ids that were told/],
    [
      'results by a ref that is never sent',
      'at: results, id: id',
      'at: results, by: ref, id: id',
      /^contacts create, a batch.*the request has no ref of a record/,
    ],
    ['the base address', 'acme.test/v2', 'acme.test/v3', /^contacts examples, list.*"GET \/v3\/contacts/],
    ['an expression', 'records: data', 'records: "data["', /^contacts schema.*"data\[" is no expression/],
    ['a template', '"{window.from}"', '"{window.from"', /^contacts schema/],
    ['an error rule', "body.code = 'DAILY_LIMIT'", "body.code = 'DAILY_LIMIT", /^ schema, the file/],
  ];
  for (const [what, from, to, red] of broken) {
    it(`is red where ${what} is wrong`, async () => {
      const failed = wordsOf(await acme(from, to), 'failed');
      assert.ok(
        failed.some((words) => red.test(words)),
        failed.join('\n'),
      );
    });
  }

  it('says what cannot be derived, and asks for an example', async () => {
    const open = wordsOf(await acme('cursor: meta.next,', 'cursor: "$substring(meta.link, 7)",'), 'open');
    assert.ok(
      open.some((words) => words.startsWith('contacts read, many pages:') && words.endsWith('is not derivable: give an example.')),
      open.join('\n'),
    );
  });
});

/** One that takes no idempotency key, names its version in its paths, allows so much a day and tells points in headers; and one whose match key has two parts. */
const PLAIN = `
baseUrl: https://plain.test/api
version: { inPaths: [v2] }
limits:
  requests: [{ count: 1000, per: 1d }]
  endpoints: [{ of: [{ method: POST, path: ^/v2/links }], requests: [{ count: 5, per: 1m }] }]
  cost: { available: "headers.'x-left'", restoreRate: "50", requested: "headers.'x-cost'" }
  concurrency: 3
probe: { get: /v2/me }
objects:
  contacts:
    list: { get: /v2/contacts, records: data }
    search: { get: /v2/contacts, query: { email: "{key}" }, records: data, max: 1 }
    create: { post: /v2/contacts, idempotency: none }
  notes: { knownFields: [email], create: { post: /v2/notes, idempotency: none } }
  links:
    unique: [pair]
    knownFields: [pair, left, right]
    upsert:
      post: /v2/links
      max: 5
      body: { links: "{records}" }
      record: { one: { id: "{fields.left}" }, other: { id: "{fields.right}" } }
      results: { at: done, by: match, key: "one.id & '/' & other.id", id: "one.id & '/' & other.id" }
      failures: { at: errors, message: why }
`;

const plain = (from = '', to = '') => {
  assert.ok(from === '' || PLAIN.includes(from), from);
  return runKit('plain', connectorSchema.parse(parse(PLAIN.replace(from, to))));
};

describe('the connector kit, over what an API does not have', () => {
  it('tries what protects a create without a key, a quota of a day, points, requests at once, and keys of two parts', async () => {
    const rows = await plain();
    assert.deepEqual(wordsOf(rows, 'failed'), []);
    assert.deepEqual(wordsOf(rows, 'open'), []);
    const passed = wordsOf(rows, 'passed');
    const wanted = ['contacts create, no idempotency key: made once', 'notes create, no idempotency key: made once', 'links upsert, one bad record'];
    const ofLimits = ['a quota that is spent', 'points of cost', 'requests at once', 'of endpoints, 1'].map((name) => ` limits, ${name}`);
    for (const words of [...wanted, ...ofLimits, ' account, version with every request']) assert.ok(passed.includes(`${words}: `), words);
  });

  for (const [what, from, to, red] of [
    [
      'a create is sent again blindly',
      'post: /v2/contacts, idempotency: none',
      'post: /v2/contacts, idempotency: none, repeatable: true',
      /^contacts create, no idempotency key: made once: a create whose answer is lost would be sent again/,
    ],
    [
      'a path names no version',
      'post: /v2/notes',
      'post: /notes',
      /^ account, version with every request: a request names none of v2 in its path: POST \/api\/notes/,
    ],
    [
      'a part of the key is not sent',
      ', other: { id: "{fields.right}" } }',
      ' }',
      /^links upsert, one record: results name records by match, and the request has no match/,
    ],
  ] as const) {
    it(`is red where ${what}`, async () => {
      const failed = wordsOf(await plain(from, to), 'failed');
      assert.ok(
        failed.some((words) => red.test(words)),
        failed.join('\n'),
      );
    });
  }
});
