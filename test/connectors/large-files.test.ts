import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it, type TestContext } from 'node:test';
import type { Page } from '../../connectors/ports.ts';
import { readWhenDone } from '../../connectors/read-when-done.ts';
import { sourceOf, targetOf } from './connect.ts';

/** Bytes of a file; 300 MB where there is time. */
const IS_LONG = process.env['SYNCLINE_TEST_LONG'] === '1';
const ROWS = IS_LONG ? 1_500_000 : 20_000;
const MOST_MB = 300;
const LINE = (n: number) => `${n},"${'x'.repeat(190)} ${n % 10}"\n`;

/** A vendor that makes rows as they are read, and counts what is uploaded: none of its files is in memory either. */
async function vendor(context: TestContext) {
  const counts = { downloads: 0, uploaded: 0 };
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    if (path === '/file') {
      counts.downloads += 1;
      response.write('id,text\n');
      for (let n = 0; n < ROWS; n++) if (!response.write(LINE(n))) await new Promise((resolve) => response.once('drain', resolve));
      return response.end();
    }
    if (request.method === 'PUT') for await (const piece of request) counts.uploaded += piece.length;
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id: 'j', state: 'done' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => new Promise((resolve) => server.close(resolve)));
  context.after(() => server.closeAllConnections());
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- a TCP server has no other kind of address
  return { counts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** The most memory that the process had while it worked, over what it had before (MB). */
async function peakOf(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20);
  await work().finally(() => clearInterval(timer));
  return Math.round((Math.max(most, process.memoryUsage.rss()) - before) / 1e6);
}

it(`an export of ${ROWS} rows in one file is read page by page in bounded memory, fetched once, and gone on with by another process`, async (context) => {
  const { url, counts } = await vendor(context);
  const list = { export: { create: { post: '/jobs' }, poll: { get: '/jobs/{job}', done: ['done'] }, download: { get: '/file', as: 'csv' } } };
  const source = sourceOf(context, url, { primaryKey: 'id', list });
  let read = 0;
  let middle: Page | undefined;
  const peak = await peakOf(async () => {
    for (let cursor: Page['next'] | null = null; cursor !== undefined; ) {
      const page: Page = await readWhenDone(source, { window: {}, cursor: cursor ?? undefined });
      for (const { key } of page.records) assert.equal(key, String(read++));
      if (read >= ROWS / 2) middle ??= page;
      cursor = page.next;
    }
  });
  context.diagnostic(`${ROWS} rows (${Math.round((ROWS * 200) / 1e6)} MB) in ${peak} MB more than before`);
  assert.deepEqual([read, counts.downloads], [ROWS, 1]);
  assert.ok(peak < MOST_MB, `${peak} MB`);
  // The file is gone with its last page: as for another process.
  const next = await readWhenDone(source, { window: {}, cursor: middle?.next });
  assert.deepEqual([next.records[0]?.key, counts.downloads], [String(Number(middle?.records.at(-1)?.key) + 1), 2]);
});

it('an upload goes through a file, in bounded memory', async (context) => {
  const { url, counts } = await vendor(context);
  const bulk = {
    max: 1_000_000,
    create: { post: '/jobs' },
    upload: { put: '/jobs/{job}/file', as: 'csv' },
    close: { post: '/jobs/{job}' },
    poll: { get: '/jobs/{job}', done: ['done'] },
    results: [{ get: '/jobs/{job}/results', outcome: 'written' }],
  };
  const target = targetOf(context, url, { upsert: { bulk } });
  // The texts of the records are shared: what grows is what is made of them.
  const text = 'x'.repeat(20_000);
  const records = Array.from({ length: IS_LONG ? 15_000 : 100 }, (_, n) => ({ match: `${n}`, fields: { email: `${n}`, text } }));
  const jobs = target.jobs?.upsert;
  assert.ok(jobs);
  const peak = await peakOf(async () => {
    const permit = await target.acquirePermit();
    const created = await jobs.create({ id: 'b', kind: 'upsert', records, permit, checkBeforeDispatch: async () => undefined });
    assert.ok(created.answer === 'created');
    assert.equal(await created.upload?.({}), 'taken');
  });
  context.diagnostic(`${Math.round(counts.uploaded / 1e6)} MB uploaded in ${peak} MB more than before`);
  assert.ok(counts.uploaded > records.length * text.length);
  assert.ok(peak < MOST_MB, `${peak} MB`);
});
