import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type LocalServer, serve } from '../http/local-server.ts';
import { keysOf, outgoing, readAll, send, sourceOf, targetOf } from './connect.ts';

const text = (context: TestContext, body: string, type: string, status = 200): Promise<LocalServer> =>
  serve(context, (_, response) => void response.writeHead(status, { 'content-type': type }).end(body));

async function readText(context: TestContext, body: string, list: object) {
  const server = await text(context, body, 'text/plain');
  const pages = await readAll(sourceOf(context, server.url, { list: { get: '/contacts', ...list } }));
  return { accept: server.received[0]?.headers.accept, records: pages.flatMap(({ records }) => records) };
}

describe('an answer that is no JSON', () => {
  it('of CSV is a list of rows: an empty cell is null, and everything else text', async (context) => {
    const { accept, records } = await readText(context, '\ufeffid,name,code\r\n1,"Ada, ""A""",007\r\n2,,\r\n', { as: 'csv', records: '$' });
    assert.equal(accept, 'text/csv');
    assert.deepEqual(
      records.map(({ fields }) => fields),
      [
        { id: '1', name: 'Ada, "A"', code: '007' },
        { id: '2', name: null, code: null },
      ],
    );
  });

  it('of NDJSON is a list of its lines, ids beyond 2^53 whole', async (context) => {
    const { records } = await readText(context, '{"id":9007199254740993}\n\n{"id":2,"tags":["a"]}\n', { as: 'ndjson', records: '$' });
    assert.deepEqual(keysOf([{ records, next: undefined, observedAt: 0, bytes: 0 }]), ['9007199254740993', '2']);
    assert.deepEqual((await readText(context, '{"id":1}', { as: 'ndjson', records: '$' })).records.length, 1, 'one line is a list, too');
  });

  it('of XML is a tree: attributes, entities, namespaces; one record is a list of one, and none is none', async (context) => {
    const list = { as: 'xml', records: 'contacts.contact' };
    const xml = (inner: string) => `<?xml version="1.0"?><c:contacts xmlns:c="urn:x">${inner}</c:contacts>`;
    const two = await readText(context, xml('<c:contact no="1"><id>7</id><name>A &amp; B &#65;</name></c:contact><c:contact><id>8</id></c:contact>'), list);
    assert.deepEqual(
      two.records.map(({ fields }) => fields),
      [{ _no: '1', id: '7', name: 'A & B A' }, { id: '8' }],
    );
    assert.deepEqual((await readText(context, xml('<contact><id>7</id></contact>'), list)).records.length, 1);
    assert.deepEqual((await readText(context, xml(''), list)).records, []);
  });

  it('and is not what it should be breaks the contract, without a word of what it holds', async (context) => {
    for (const [as, body, what] of [
      ['csv', 'id,name\n1,"secret', 'CSV with a header'],
      ['ndjson', '{"id":1}\n{"secret', 'NDJSON'],
      ['xml', '<a><b>secret</a>', 'well-formed XML'],
      ['xml', '<a><__proto__>secret</__proto__></a>', 'well-formed XML'],
      ['xml', `${'<a>'.repeat(5_000)}secret${'</a>'.repeat(5_000)}`, 'well-formed XML'],
    ] as const)
      await assert.rejects(readText(context, body, { as, records: '$' }), {
        code: 'CONTRACT_BROKEN',
        message: `crm answered what is no ${what}.`,
      });
  });

  it('expands no entity of a document of its own into more than there was', async (context) => {
    const bomb = '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;"><!ENTITY z "&y;&y;&y;&y;&y;&y;&y;&y;">]>';
    const read = readText(context, `${bomb}<list><contact><id>1</id><name>&z;</name></contact></list>`, { as: 'xml', records: 'list.contact' });
    const long = await read.then(
      ({ records }) => JSON.stringify(records).length,
      () => 0,
    );
    assert.ok(long < 200, `${long} characters`);
  });

  it('of a refusal tells its words, in the format or not', async (context) => {
    for (const [body, words] of [
      ['<error><message>unknown list</message></error>', 'unknown list'],
      ['{"message":"unknown list"}', 'unknown list'],
    ] as const) {
      const server = await text(context, body, 'application/xml', 400);
      const source = sourceOf(context, server.url, { list: { get: '/contacts', as: 'xml', records: 'contacts.contact' } });
      await assert.rejects(source.readPage({ window: {}, cursor: undefined }), (error: Error) => error.message.includes(words));
    }
  });
});

describe('a body that is no JSON', () => {
  it('of XML has one element, attributes and escaped text, and the answer says what became of the record', async (context) => {
    const server = await text(context, '<result status="ok"><id>c&amp;7</id></result>', 'application/xml');
    const create = {
      post: '/contacts',
      format: 'xml',
      as: 'xml',
      body: { contact: { _source: 'syncline', email: '{match}', name: '{fields.name}', tag: ['a', 'b'] } },
      results: { at: 'result', id: 'id' },
    };
    const answer = await send(targetOf(context, server.url, { create }), 'create', [outgoing('a@x.test', { name: 'A & <B>' })]);
    assert.deepEqual(answer, { answer: 'results', results: [{ outcome: 'written', targetId: 'c&7' }] });
    assert.equal(server.received[0]?.headers['content-type'], 'application/xml; charset=UTF-8');
    assert.equal(
      server.received[0]?.body,
      '<?xml version="1.0" encoding="UTF-8"?><contact source="syncline"><email>a@x.test</email><name>A &amp; &lt;B&gt;</name><tag>a</tag><tag>b</tag></contact>',
    );
  });

  it('of NDJSON and CSV has a line for each record', async (context) => {
    const server = await serve(context, (_, response) => void response.end('{"results":[{"id":"1"},{"id":"2"}]}'));
    for (const [format, body] of [
      ['ndjson', '{"email":"a@x.test"}\n{"email":"b@x.test"}\n'],
      ['csv', 'email\na@x.test\nb@x.test\n'],
    ] as const) {
      const upsert = { post: '/contacts', max: 10, format, body: '{records}', results: { at: 'results', id: 'id' } };
      const answer = await send(targetOf(context, server.url, { upsert }), 'upsert', [outgoing('a@x.test'), outgoing('b@x.test')]);
      assert.equal(answer.answer, 'results');
      assert.equal(server.received.at(-1)?.body, body);
    }
  });
});
