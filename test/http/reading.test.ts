import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Json } from '../../engine/json.ts';
import type { HttpClientOptions } from '../../http/http-client.ts';
import { failure } from './expect-error.ts';
import { type Answer, open, serve } from './local-server.ts';

const read = { method: 'GET', path: '/', repeat: 'read' } as const;
const QUICK = { connectMs: 500, headersMs: 600, bodyMs: 600, requestMs: 500 };

async function bodyOf(context: TestContext, answer: Answer, more: Partial<HttpClientOptions> = {}): Promise<Json> {
  const server = await serve(context, answer);
  return (await open(context, server.url, more).send(read)).answer.body;
}

const text =
  (body: string | Buffer, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(200, headers).end(body);

describe('reading an answer', { concurrency: true }, () => {
  it('JSON is JSON whatever its content type says, all else is text, nothing is null', async (context) => {
    assert.deepEqual(await bodyOf(context, text('{"a":[1]}', { 'content-type': 'text/html' })), { a: [1] });
    assert.deepEqual(await bodyOf(context, text('\uFEFF {"a":1}\n')), { a: 1 });
    assert.equal(await bodyOf(context, text('pong', { 'content-type': 'application/json' })), 'pong');
    assert.equal(await bodyOf(context, text('  ')), null);
    assert.equal(await bodyOf(context, (_request, response) => void response.writeHead(204).end()), null);
    assert.deepEqual(await bodyOf(context, text(Buffer.from('{"a":"\xe4"}', 'latin1'), { 'content-type': 'application/json; charset=ISO-8859-1' })), {
      a: 'ä',
    });
  });

  it('integers that a number cannot hold stay whole, as text; keys named __proto__ are left out', async (context) => {
    const body = '{"id":9007199254740993,"list":[-12345678901234567890,9007199254740991,1.5,1e400],"text":"12345678901234567890","__proto__":{"isAdmin":true}}';
    const parsed = await bodyOf(context, text(body));
    assert.equal(
      JSON.stringify(parsed),
      '{"id":"9007199254740993","list":["-12345678901234567890",9007199254740991,1.5,"1e400"],"text":"12345678901234567890"}',
    );
    assert.equal(Object.hasOwn({ ...Object(parsed) }, '__proto__'), false);
    assert.equal(JSON.stringify(await bodyOf(context, text('{"\\u005f_proto__":1,"b":2}'))), '{"b":2}');
  });

  it('packed answers are unpacked, by any of the packings asked for', async (context) => {
    const packings: Record<string, (body: string) => Buffer> = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };
    const server = await serve(context, ({ url, headers }, response) => {
      assert.equal(headers['accept-encoding'], 'gzip, deflate, br, zstd');
      if (url === '/raw') return void response.writeHead(200, { 'content-encoding': 'deflate' }).end(deflateRawSync('{"by":"raw"}'));
      const encoding = url.slice(1);
      response.writeHead(200, { 'content-encoding': encoding }).end(packings[encoding]?.(`{"by":"${encoding}"}`));
    });
    const client = open(context, server.url);
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'raw'])
      assert.deepEqual((await client.send({ ...read, path: `/${encoding}` })).answer.body, { by: encoding });
  });

  it('what is named as packing and packs nothing is passed over', async (context) => {
    for (const encoding of ['utf-8', 'UTF-8', 'none', 'binary', 'identity', '', 'aws-chunked'])
      assert.deepEqual(await bodyOf(context, text('{"a":1}', { 'content-encoding': encoding })), { a: 1 }, encoding);
    assert.deepEqual(await bodyOf(context, text(gzipSync('{"a":1}'), { 'content-encoding': 'aws-chunked, gzip' })), { a: 1 });
  });

  it('an answer without a length that breaks off is asked for again', async (context) => {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const whole = '[{"id":1},{"id":"]}"}]';
    for (const [cut, more] of [
      [whole.slice(0, 13), {}],
      [whole.slice(0, -2), {}],
      [gzipSync(whole).subarray(0, -12), { 'content-encoding': 'gzip' }],
    ] as const) {
      let asked = 0;
      const body = await bodyOf(context, (request, response) => {
        asked += 1;
        response.setHeader('connection', 'close');
        return text(asked === 1 ? cut : whole, asked === 1 ? { ...headers, ...more } : headers)(request, response);
      });
      assert.deepEqual([body, asked], [[{ id: 1 }, { id: ']}' }], 2]);
    }
    const wrong = '{"a":1,}';
    assert.equal(await bodyOf(context, text(wrong, headers)), wrong, 'what is whole and no JSON is text');
    assert.equal(await bodyOf(context, text('[{"id":1}', { 'content-type': 'text/plain' })), '[{"id":1}');
  });

  it('an answer that is too large is cut off, also one that is small only while packed', async (context) => {
    const message = 'crm answered more than 1 MB: ask for smaller pages, or raise maxAnswerBytes.';
    const options = { maxAnswerBytes: 1_000_000 };
    let sent = 0;
    const endless: Answer = async (_request, response) => {
      const piece = Buffer.alloc(100_000, 'x');
      while (!response.destroyed && sent < 50_000_000) {
        sent += piece.length;
        response.write(piece);
        await setImmediate();
      }
      response.end();
    };
    assert.equal((await failure('CONTRACT_BROKEN', bodyOf(context, endless, options))).message, message);
    assert.ok(sent < 20_000_000, `${sent} bytes were sent`);
    const bomb = text(gzipSync(Buffer.alloc(5_000_000, 'x')), { 'content-encoding': 'gzip' });
    assert.equal((await failure('CONTRACT_BROKEN', bodyOf(context, bomb, options))).message, message);
  });

  it('what cannot be unpacked, or is nested absurdly, breaks the contract', async (context) => {
    const broken = await failure('CONTRACT_BROKEN', bodyOf(context, text('not gzip', { 'content-encoding': 'gzip' })));
    assert.equal(broken.message, 'crm answered with a body that cannot be unpacked (gzip).');
    const other = await failure('CONTRACT_BROKEN', bodyOf(context, text('x', { 'content-encoding': 'zip' })));
    assert.match(other.message, /an encoding that was not asked for \(zip\)/);
    for (const inner of ['', '12345678901234567890']) {
      const deep = await failure('CONTRACT_BROKEN', bodyOf(context, text('[{"a":'.repeat(50_000) + (inner || '1') + '}]'.repeat(50_000))));
      assert.equal(deep.message, 'crm answered JSON nested more than 200 levels deep.');
    }
  });

  it('an answer that does not begin, or stops midway, is given up in time', async (context) => {
    const silent = await failure(
      'SYSTEM_UNAVAILABLE',
      bodyOf(context, () => undefined, { timeouts: QUICK }),
    );
    assert.match(silent.message, /^crm is unreachable at http:\/\/127\.0\.0\.1:\d+: no whole answer within 0\.5 s\. Syncline tries again\.$/);
    const halting: Answer = (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"a":');
    const half = await failure('SYSTEM_UNAVAILABLE', bodyOf(context, halting, { timeouts: QUICK }));
    assert.match(half.message, /no whole answer within 0\.5 s/);
    const headers = await failure(
      'SYSTEM_UNAVAILABLE',
      bodyOf(context, () => undefined, { timeouts: { ...QUICK, headersMs: 300, requestMs: 5_000 } }),
    );
    assert.match(headers.message, /no answer in time/);
    const body = await failure('SYSTEM_UNAVAILABLE', bodyOf(context, halting, { timeouts: { ...QUICK, bodyMs: 300, requestMs: 5_000 } }));
    assert.match(body.message, /the answer stopped midway/);
  });

  it('a connection that is reset midway is tried again', async (context) => {
    let turns = 0;
    const flaky: Answer = (_request, response) => {
      turns += 1;
      if (turns === 3) return void response.end('{"ok":true}');
      response.writeHead(200, { 'content-length': '100' }).write('{"a":', () => response.socket?.resetAndDestroy());
    };
    assert.deepEqual(await bodyOf(context, flaky), { ok: true });
    assert.equal(turns, 3);
  });

  it("the caller's signal ends a read at any point, with the caller's reason", async (context) => {
    const server = await serve(context, (_request, response) => void response.writeHead(200).write('{'));
    const client = open(context, server.url);
    for (const afterMs of [0, 100]) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error('cancelled')), afterMs);
      await assert.rejects(client.send({ ...read, signal: controller.signal }), /^Error: cancelled$/);
    }
    await assert.rejects(client.send({ ...read, signal: AbortSignal.abort(new Error('before')) }), /before/);
  });
});
