import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { SyncError } from '../../engine/errors.ts';
import type { HttpRequest } from '../../http/http-client.ts';
import { linkElsewhere } from '../../http/other-host.ts';
import { type Answer, open, serve } from './local-server.ts';

const HOSTS = ['files.acme.com', '*.storage.acme.com'];
const HOME = new URL('https://api.acme.com/v1');

/** An API with a credential and headers of its own, and another host. */
async function account(context: TestContext, answer: Answer, more = {}) {
  const api = await serve(context, (_request, response) => void response.end('{}'));
  const files = await serve(context, answer);
  const client = open(context, api.url, { auth: { type: 'bearer', token: 'of-the-account-123456' }, headers: { 'X-Ours': 'yes' }, ...more });
  const ask = (request: Partial<HttpRequest> = {}) =>
    client.send({ method: 'GET', path: `${files.url}/f.csv?Signature=s3cr3t`, hosts: HOSTS, repeat: 'read', ...request });
  return { api, files, client, ask };
}

const codeOf = (code: string, words: RegExp) => (error: unknown) => error instanceof SyncError && error.code === code && words.test(error.message);

describe('a link to another host', () => {
  it('is followed where it is named, encrypted, and nowhere else', () => {
    for (const link of ['https://files.acme.com/a?b', 'https://eu.storage.acme.com/a', 'https://FILES.acme.com/a'])
      assert.ok(linkElsewhere('acme', HOME, link, HOSTS), link);
    assert.equal(linkElsewhere('acme', HOME, 'https://api.acme.com/a', HOSTS), undefined, 'that is at home');
    const others = [
      'http://files.acme.com/a',
      'https://files.acme.com:8443/a',
      'https://files.acme.com.evil.test/a',
      'https://storage.acme.com/a',
      'https://u:p@files.acme.com/a',
      'http://127.0.0.1/a',
    ];
    for (const link of others)
      assert.throws(() => linkElsewhere('acme', HOME, link, HOSTS), codeOf('CONTRACT_BROKEN', /none of the hosts that its connector names for files/), link);
  });

  it('is asked without credentials and headers of the account, and told of without its signature', async (context) => {
    const { api, files, ask } = await account(context, (_request, response) => void response.end('a,b\n1,2\n'));
    const paths: string[] = [];
    const { answer } = await ask({ as: 'csv', observer: { onRequest: ({ path }) => void paths.push(path), onExchange: ({ path }) => void paths.push(path) } });
    assert.deepEqual(answer.body, [{ a: '1', b: '2' }]);
    assert.equal(files.received[0]?.url, '/f.csv?Signature=s3cr3t');
    assert.deepEqual([files.received[0]?.headers.authorization, files.received[0]?.headers['x-ours'], api.received.length], [undefined, undefined, 0]);
    assert.doesNotMatch(JSON.stringify([paths, answer.url]), /s3cr3t/);
  });

  it('leads nowhere else, and is gone where it is refused', async (context) => {
    const { ask } = await account(context, (_request, response) => void response.writeHead(302, { location: 'https://evil.test/' }).end());
    await assert.rejects(ask(), codeOf('CONTRACT_BROKEN', /redirects \(302\)/));
    const expired = await account(context, (_request, response) => void response.writeHead(403).end('<Error/>'));
    assert.equal((await expired.ask()).classification.class, 'not-found', 'the credentials of the account are as good as before');
  });

  it('is refused without leave, as ever', async (context) => {
    const { client, files } = await account(context, (_request, response) => void response.end('{}'));
    await assert.rejects(client.send({ method: 'GET', path: `${files.url}/f.csv`, repeat: 'read' }), codeOf('CONTRACT_BROKEN', /is not its own address/));
    assert.equal(files.received.length, 0);
  });
});

describe('a file', () => {
  const folderOf = (context: TestContext) => {
    const folder = mkdtempSync(join(tmpdir(), 'syncline-files-'));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    return join(folder, 'f');
  };

  it('is saved as it comes, unpacked, also where it is kept packed', async (context) => {
    const text = 'id\n1\n2\n';
    for (const headers of [{}, { 'content-encoding': 'gzip' }, { 'content-type': 'application/gzip' }]) {
      const packed = Object.keys(headers).length > 0 ? gzipSync(text) : text;
      const { ask } = await account(context, (_request, response) => void response.writeHead(200, headers).end(packed));
      const file = folderOf(context);
      const { answer } = await ask({ into: { file, maxBytes: 100 } });
      assert.deepEqual([answer.body, answer.bytes, readFileSync(file, 'utf8')], [null, text.length, text]);
    }
  });

  it('in another encoding than UTF-8, as its content type says, is saved in UTF-8', async (context) => {
    const latin = Buffer.from('id,name\n1,Müller\n', 'latin1');
    for (const body of [latin, gzipSync(latin)]) {
      const { ask } = await account(
        context,
        (_request, response) => void response.writeHead(200, { 'content-type': 'text/csv; charset=ISO-8859-1' }).end(body),
      );
      const file = folderOf(context);
      await ask({ into: { file, maxBytes: 100 } });
      assert.equal(readFileSync(file, 'utf8'), 'id,name\n1,Müller\n');
    }
  });

  it('larger than was allowed, unpacked, is refused', async (context) => {
    const { ask } = await account(
      context,
      (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(5_000))),
    );
    await assert.rejects(ask({ into: { file: folderOf(context), maxBytes: 1_000 } }), codeOf('CONTRACT_BROKEN', /a file of more than/));
  });
});
