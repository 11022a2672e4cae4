import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type LocalServer, serve } from '../http/local-server.ts';
import { zipOf } from '../support/zip.ts';
import { connect, keysOf, outgoing, readAll, resolved, send, sourceOf, targetOf } from './connect.ts';

const text = (context: TestContext, body: string | Buffer, type: string, status = 200): Promise<LocalServer> =>
  serve(context, (_, response) => void response.writeHead(status, { 'content-type': type }).end(body));

async function readText(context: TestContext, body: string | Buffer, list: object) {
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

  it('of objects one after another is a list of them, however they are set apart', async (context) => {
    for (const body of ['{"id":1,"t":"}{"}{"id":2}', '{\n  "id": 1\n}\n{\n  "id": 2\n}\n', '{"id":1},\n{"id":2},\n', '\u001e{"id":1}\n\u001e{"id":2}\n'])
      assert.deepEqual(
        (await readText(context, body, { as: 'ndjson', records: '$' })).records.map(({ key }) => key),
        ['1', '2'],
        body,
      );
  });

  it('of lines is a list of objects with each of them', async (context) => {
    const { records, accept } = await readText(context, '\uFEFFa@x.test\r\n\r\n{"b": 1}\n', { as: 'lines', records: "$.{ 'id': line }" });
    assert.deepEqual([accept, records.map(({ key }) => key)], ['text/plain', ['a@x.test', '{"b": 1}']]);
  });

  it('of CSV of another kind is read as it says: delimiter, quotes, columns, encoding, and words for null', async (context) => {
    const body = Buffer.from("7;'Zoë; A';N/A;\n8;ça;'NULL';x\n", 'latin1');
    const csv = { delimiter: ';', quote: "'", columns: ['id', 'name', 'a', 'b'], nulls: ['N/A', 'NULL'], emptyIsNull: false };
    const { records } = await readText(context, body, { as: 'csv', csv, encoding: 'latin1', records: '$' });
    assert.deepEqual(
      records.map(({ fields }) => fields),
      [
        { id: '7', name: 'Zoë; A', a: null, b: '' },
        { id: '8', name: 'ça', a: null, b: 'x' },
      ],
    );
  });

  it('packed by gzip is unpacked, also where the answer does not say that it is', async (context) => {
    const { records } = await readText(context, gzipSync('{"id":1}\n{"id":2}'), { as: 'ndjson', records: '$' });
    assert.equal(records.length, 2);
  });

  it('in a ZIP archive is read file after file, those that match', async (context) => {
    const archive = zipOf([
      { name: 'day/', content: '' },
      { name: 'day/1.csv', content: 'id,name\n1,a\n' },
      { name: 'readme.txt', content: 'nothing' },
      { name: 'day/2.csv.gz', content: gzipSync('id,name\n2,b\n') },
    ]);
    const { records, accept } = await readText(context, archive, { as: 'csv', unzip: '**/*.csv*', records: '$' });
    assert.deepEqual([accept?.startsWith('application/zip'), records.map(({ key }) => key)], [true, ['1', '2']]);
    const documents = zipOf([1, 2].map((id) => ({ name: `${id}.json`, content: JSON.stringify({ data: [{ id }] }) })));
    assert.deepEqual(
      (await readText(context, documents, { unzip: '*.json', records: 'data' })).records.map(({ key }) => key),
      ['1', '2'],
    );
  });

  it('in a ZIP archive that is none, is too large, locked, or has nothing that matches breaks the contract', async (context) => {
    const large = Buffer.alloc(700_000, 'x');
    for (const [archive, message] of [
      [Buffer.from('no archive'), 'crm answered with what is no ZIP archive, or one that cannot be read.'],
      [zipOf([{ name: '../a.csv', content: 'id\n1' }]), 'crm answered with what is no ZIP archive, or one that cannot be read.'],
      [zipOf([{ name: 'a.txt', content: 'id\n1' }]), 'crm answered with an archive in which nothing matches "*.csv". It has: a.txt.'],
      [zipOf([]), 'crm answered with an archive in which nothing matches "*.csv". It is empty.'],
      [zipOf([{ name: 'a.csv', content: 'id\n1', isLocked: true }]), 'crm answered with an archive that is locked with a password: that is not read.'],
      [zipOf(['a.csv', 'b.csv'].map((name) => ({ name, content: large }))), 'crm answered more than 1 MB: ask for smaller pages, or raise maxAnswerBytes.'],
      [
        zipOf([{ name: 'a.csv', content: Buffer.concat([large, large]), saidSize: 10 }]),
        'crm answered with what is no ZIP archive, or one that cannot be read.',
      ],
      [
        zipOf([{ name: 'a.csv', content: gzipSync(Buffer.concat([large, large])) }]),
        'crm answered more than 1 MB: ask for smaller pages, or raise maxAnswerBytes.',
      ],
    ] as const) {
      const server = await text(context, archive, 'application/zip');
      const objects = { contacts: { list: { get: '/contacts', as: 'csv', unzip: '*.csv', records: '$' } } };
      const source = connect(context, resolved(server.url, { objects, maxAnswerBytes: 1_000_000 })).source('contacts');
      await assert.rejects(source.readPage({ window: {}, cursor: undefined }), { code: 'CONTRACT_BROKEN', message });
    }
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

  it('of XML is in the encoding that it names itself, but where it is UTF-8 whatever it says', async (context) => {
    const xml = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?><all><contact><id>1</id><name>Müller</name></contact></all>`;
    const answered: [string, BufferEncoding, string?][] = [
      ['ISO-8859-1', 'latin1'],
      ['windows-1252', 'latin1', 'application/xml; charset=windows-1252'],
      ['utf-16', 'utf8'],
      ['ISO-8859-1', 'utf8'],
      ['UTF-8', 'utf8'],
    ];
    for (const [encoding, written, type = 'application/xml'] of answered) {
      const server = await text(context, Buffer.from(xml(encoding), written), type);
      const [page] = await readAll(sourceOf(context, server.url, { list: { get: '/contacts', as: 'xml', records: 'all.contact' } }));
      assert.deepEqual(page?.records[0]?.fields, { id: '1', name: 'Müller' }, `${encoding} in ${written}`);
    }
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

  it('of plain text is the text, under whatever content type', async (context) => {
    const server = await serve(context, (_, response) => void response.end('[{"id":1}]'));
    const list = { post: '/contacts', format: 'text', body: 'SELECT id FROM contacts WHERE day = {$now("[Y0001]") ~> $length}', records: '$' };
    await readAll(sourceOf(context, server.url, { list }));
    await readAll(sourceOf(context, server.url, { list: { ...list, headers: { 'Content-Type': 'application/sql' } } }));
    assert.deepEqual(
      server.received.map(({ body, headers }) => [body, headers['content-type']]),
      ['text/plain; charset=UTF-8', 'application/sql'].map((type) => ['SELECT id FROM contacts WHERE day = 4', type]),
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
