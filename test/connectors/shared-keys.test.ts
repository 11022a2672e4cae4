import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { json, serve } from '../http/local-server.ts';
import { keysOf, readAll, sourceOf } from './connect.ts';

const SIZE = 5;
const ENDINGS = { hasMore: { hasMore: 'more' }, size: { size: { param: 'limit', max: SIZE } }, nothing: {} };

/** Records in order of a time or number that several may share; each page begins strictly after a key. */
async function begin(context: TestContext, versions: readonly (string | number)[], ending: object) {
  const records = versions.map((version, index) => ({ id: index + 1, version }));
  const server = await serve(context, ({ url }, response) => {
    const after = new URL(url, 'http://x').searchParams.get('after');
    const isNumber = typeof versions[0] === 'number';
    const found = records.filter(({ version }) => after === null || version > (isNumber ? Number(after) : after));
    json(response, { data: found.slice(0, SIZE), more: found.length > SIZE });
  });
  const warnings: string[] = [];
  const page = { type: 'keyset', key: 'version', param: 'after', ...ending };
  const source = sourceOf(context, server.url, { list: { get: '/contacts', records: 'data', page } }, { onWarning: ({ message }) => warnings.push(message) });
  return { server, source, warnings };
}

const second = (at: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, at)).toISOString().replace('.000', '');

describe('pages that go on after a key which records share', () => {
  for (const [ending, rule] of Object.entries(ENDINGS)) {
    it(`leave out none that a page border divides (${ending})`, async (context) => {
      const versions = [1, 1, 2, 3, 4, 4, 4, 5, 6, 6, 6, 6, 7, 8, 8].map(second);
      const { server, source, warnings } = await begin(context, versions, rule);
      const read = new Set(keysOf(await readAll(source)));
      assert.equal(read.size, versions.length);
      assert.ok(server.received.length <= 8, `${server.received.length} requests`);
      assert.deepEqual(warnings, []);
    });
  }

  it('leave out none, however the API writes its times', async (context) => {
    const forms: ((at: number) => string | number)[] = [
      (at) => 1_767_225_600.25 + at,
      (at) => second(at).replace('T', ' ').replace('Z', ' UTC'),
      (at) => second(at).replace(/[-:]/g, ''),
      (at) => second(at).replace('Z', '-05:00'),
    ];
    for (const form of forms) {
      const versions = [1, 2, 3, 4, 5, 5, 5, 6, 7].map(form);
      const { source, warnings } = await begin(context, versions, ENDINGS.hasMore);
      assert.equal(new Set(keysOf(await readAll(source))).size, versions.length, String(versions[0]));
      assert.deepEqual(warnings, []);
    }
  });

  it('however many share it, up to a page, times or numbers', async (context) => {
    const groups = fc.array(fc.integer({ min: 1, max: SIZE - 1 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(groups, fc.constantFrom(...Object.values(ENDINGS)), fc.boolean(), async (sizes, ending, isNumber) => {
        const versions = sizes.flatMap((size, index) => Array.from({ length: size }, () => (isNumber ? index * 3 : second(index * 3))));
        const { server, source } = await begin(context, versions, ending);
        const read = new Set(keysOf(await readAll(source)));
        await server.stop();
        assert.equal(read.size, versions.length);
      }),
      { numRuns: 60 },
    );
  });

  it('are told of where a page is full of one key', async (context) => {
    const { source, warnings } = await begin(context, [1, 2, 2, 2, 2, 2, 2, 2, 3].map(second), {});
    await readAll(source);
    assert.match(warnings.join('\n'), /crm\.contacts\.list: a page is full of records with one key/);
  });
});
