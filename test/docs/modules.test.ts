import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { openConnections } from '../../connectors/open-connections.ts';
import type { OpenConnection, Target } from '../../connectors/ports.ts';
import { loadProject } from '../../definition/load-project.ts';
import { findConnection } from '../../definition/resolve-sync.ts';
import { resolveSecrets } from '../../definition/secrets.ts';
import type { Json } from '../../engine/json.ts';
import { keysOf, outgoing, readAll } from '../connectors/connect.ts';
import { GOOD, linesOf, makeFolder } from '../definition/make-project.ts';
import { json, serve } from '../http/local-server.ts';

const PAGE = readFileSync(new URL('../../docs/modules.md', import.meta.url), 'utf8');
const [, YAML = ''] = /^```yaml\n# connections\/desk\.yaml\n([\s\S]*?)^```$/m.exec(PAGE) ?? [];
const [, CODE = ''] = /^```ts\n\/\/ connectors\/notes\.ts\n([\s\S]*?)^```$/m.exec(PAGE) ?? [];
const [, READINGS = ''] = /^```ts\n\/\/ connectors\/readings\.ts\n([\s\S]*?)^```$/m.exec(PAGE) ?? [];
const notesSchema = z.array(z.object({ email: z.string() }));

/** An API of notes, 7 of them, 3 a page; and the connection of the page to it. */
async function begin(context: TestContext, code = CODE, yaml = YAML, readings = READINGS) {
  let busy = 1;
  const notes = Array.from({ length: 7 }, (_, at) => ({ no: at + 1, email: `n${at + 1}@example.test` }));
  const server = await serve(context, ({ method, url, body }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://here');
    if (pathname === '/v1/stations') return json(response, [{ name: 'a' }, { name: 'b/c' }]);
    if (pathname.startsWith('/v1/stations/')) {
      if (busy-- > 0) return void response.writeHead(200, { 'x-busy-ticks': '2' }).end();
      const rows = Buffer.alloc(16);
      rows.writeUInt32BE(4_000_000_000, 0);
      rows.writeFloatBE(21.5, 4);
      rows.writeUInt32BE(4_000_000_060, 8);
      rows.writeFloatBE(Number.NaN, 12);
      return void response.end(rows);
    }
    if (method === 'POST') {
      const sent = notesSchema.parse(JSON.parse(body));
      if (sent.length > 3) return json(response, { message: 'at most three' }, 422);
      const made = sent.map(({ email }, at) => (email.startsWith('bad') ? { error: 'no such address' } : { no: 100 + at }));
      return json(response, made);
    }
    const [email] = searchParams.getAll('email');
    if (email !== undefined) return json(response, { notes: notes.filter((note) => searchParams.getAll('email').includes(note.email)) });
    const one = notes.find(({ no }) => pathname === `/v1/notes/${no}`);
    if (pathname !== '/v1/notes') return json(response, one ?? {}, one === undefined ? 404 : 200);
    const from = Number(searchParams.get('from'));
    json(response, { notes: notes.slice(from, from + 3), more: from + 3 < notes.length });
  });
  const files = {
    ...GOOD,
    'connections/desk.yaml': yaml.replace('https://api.acme.test', server.url),
    'connectors/notes.ts': code,
    'connectors/readings.ts': readings,
  };
  const directory = makeFolder(context, files);
  const project = loadProject(directory, { env: { CRM_TOKEN: 'a', SHOP_TOKEN: 'b', DESK_TOKEN: 'secret' } });
  const open = (): OpenConnection => {
    const connections = openConnections({ directory, resolveSecrets: (value: Json) => resolveSecrets(value, project.environment) });
    context.after(() => connections.close());
    return connections.open('acme/dev/desk', findConnection(project, 'desk'));
  };
  return { server, project, open };
}

async function send(target: Target, emails: readonly string[]) {
  let checks = 0;
  const answer = await target.send({
    id: 'b_1',
    kind: 'create',
    records: emails.map((email) => outgoing(email)),
    permit: await target.acquirePermit(),
    checkBeforeDispatch: async () => void checks++,
  });
  return { answer, checks };
}

describe('docs/modules.md', () => {
  it('is read by code, page by page and one by one, with the credentials of its connection', async (context) => {
    const { server, project, open } = await begin(context);
    assert.deepEqual(linesOf(project), []);
    const source = open().source('notes');
    const pages = await readAll(source);
    assert.deepEqual(keysOf(pages), ['1', '2', '3', '4', '5', '6', '7']);
    assert.deepEqual(keysOf(await readAll(open().source('notes'), pages[0]?.next)), ['4', '5', '6', '7'], 'and goes on in another process');
    assert.deepEqual((await source.readOne?.('7'))?.fields, { no: 7, email: 'n7@example.test' });
    assert.equal(await source.readOne?.('8'), undefined);
    assert.ok(server.received.every(({ headers }) => headers.authorization === 'Bearer secret'));
  });

  it('lists in a format of its own, for parts that it finds itself, and says which answers are a wait', async (context) => {
    const { server, open } = await begin(context);
    const source = open().source('readings');
    const first = await source.readPage({ window: { from: '2026-03-01T00:00:00.000Z' }, cursor: undefined });
    assert.deepEqual(first.records, [{ key: 'a/4000000000', fields: { station: 'a', at: 4_000_000_000, celsius: 21.5 } }]);
    assert.deepEqual(
      server.received.map(({ url, headers }) => [url, headers.accept]),
      [['/v1/stations', 'application/json'], ...[1, 2].map(() => ['/v1/stations/a.bin?since=2026-03-01T00%3A00%3A00.000Z', '*/*'])],
      'the busy one was asked again',
    );
    const last = await open().source('readings').readPage({ window: {}, cursor: first.next });
    assert.deepEqual([keysOf([last]), last.next], [['b/c/4000000000'], undefined]);
    assert.deepEqual(Object.keys(open().target('readings', 'at').abilities), ['create'], 'and is written by the manifest');
  });

  it('that finds a meaning which no answer has is wrong, whatever it was asked for', async (context) => {
    const { open } = await begin(context, CODE, YAML, READINGS.replace("class: 'rate-limited'", "class: 'slow'"));
    await assert.rejects(open().source('readings').readPage({ window: {}, cursor: undefined }), {
      code: 'CONTRACT_BROKEN',
      message: /desk\.readings\.list: its code failed: desk\.readings\.list: `classify` returned nothing that an answer can mean/,
    });
  });

  it('is written by code: one request behind its claim, with what became of each record', async (context) => {
    const { server, open } = await begin(context);
    const target = open().target('notes', 'email');
    assert.deepEqual(target.abilities, { create: { maxBytes: 4_000_000, applyDelayMs: 30_000, isRepeatable: false, maxRecords: 10 } });
    const { answer, checks } = await send(target, ['a@x.test', 'bad@x.test']);
    const refused = { outcome: 'rejected', rejection: { reason: 'api-rejected', message: 'no such address', retry: 'never' } };
    assert.deepEqual(answer, { answer: 'results', results: [{ outcome: 'written', targetId: '100', created: true }, refused] });
    assert.equal(checks, 1);
    assert.equal(server.received.at(-1)?.headers['idempotency-key'], 'b_1');
    assert.equal((await send(target, ['a', 'b', 'c', 'd'])).answer.answer, 'refused', 'a whole refusal is halved by whoever sends');
    assert.deepEqual(
      (await target.search(['N3@example.test', 'nobody@x.test'])).get('N3@example.test')?.map(({ id }) => id),
      undefined,
      'the API knows no such spelling',
    );
    assert.deepEqual(
      [...(await target.search(['n3@example.test', 'nobody@x.test']))].map(([value, found]) => [value, found[0]?.id]),
      [['n3@example.test', '3']],
    );
  });

  it('whose code fails says so: before its request nothing was written, after it nobody knows', async (context) => {
    for (const [from, to, code, words] of [
      ["const headers = { 'idempotency-key': batchId };", 'null.x;', 'CONTRACT_BROKEN', /desk\.notes\.create: its code failed: Cannot read/],
      ['return body.map(', 'null.x; return body.map(', 'WRITE_OUTCOME_UNKNOWN', /its code failed after its request was sent/],
      ['return body.map(', "await request({ method: 'POST', path: '/notes' }); return body.map(", 'WRITE_OUTCOME_UNKNOWN', /a batch is one request/],
    ] as const) {
      assert.ok(CODE.includes(from), from);
      const { open } = await begin(context, CODE.replace(from, to));
      await assert.rejects(send(open().target('notes', 'email'), ['a@x.test']), { code, message: words });
    }
    const blind = await begin(context, CODE.replace('id: key(note), fields: note', 'id: key(note), fields: {}'));
    await assert.rejects(blind.open().target('notes', 'email').search(['n1@example.test']), { code: 'CONTRACT_BROKEN', message: /does not show its "email"/ });
    const { open } = await begin(context, CODE.replace('key: key(note), fields: note', 'fields: note'));
    await assert.rejects(readAll(open().source('notes')), {
      code: 'CONTRACT_BROKEN',
      message: /desk\.notes\.list: its code returned no page: records\.0\.key/,
    });
  });

  it('that cannot be loaded, or lacks what it is to offer, is named with what to do', async (context) => {
    for (const [code, words] of [
      ['export default {', /^desk\.notes: \.\/connectors\/notes\.ts cannot be loaded: .*seen from the project folder/],
      ['export default 7;', /it exports no object by default/],
      [
        'export default { readPage: 7 };',
        /is to offer list, and its default export has no such `readPage`: must be a function\. Write it, or take list from `module\.offers`/,
      ],
    ] as const) {
      const { open } = await begin(context, code);
      assert.throws(() => open().source('notes'), { code: 'DEFINITION_INVALID', message: words });
    }
    const { project } = await begin(context, CODE, YAML.replace('create] } }', 'create] }, get: { get: /notes } }'));
    assert.match(linesOf(project).join('\n'), /objects\.notes\.get: the object has a `module`, which offers list, get: take this away/);
  });
});
