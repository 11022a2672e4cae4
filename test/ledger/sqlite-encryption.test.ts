import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openLedger } from '../../ledger/open-ledger.ts';
import { temporaryFolders } from './support/folders.ts';
import { attempt, changed, changedTo, RunDriver, rejected, written } from './support/run-driver.ts';

const makeFolder = temporaryFolders();
/** In each value that goes into the ledger below, and in no name, key or hash. */
const SECRET = /zebra/i;

function bytesOf(directory: string): string {
  const files = readdirSync(directory).filter((name) => name.startsWith('ledger.db'));
  assert.ok(files.includes('ledger.db-wal'), 'the write-ahead log is looked through as well');
  return files.map((name) => readFileSync(join(directory, name), 'latin1')).join('\n');
}

/** A run with values in every place that takes one: sent, rejected, held, lost, planned, looked up. */
async function fill(directory: string, values: 'plain' | 'encrypted' | 'hashed', isSealed: boolean) {
  const ledger = await openLedger({ url: 'sqlite', directory, values });
  const run = await RunDriver.start(ledger);
  const more = (key: string) => ({ match: `zebra-${key}@x.test`, fields: { email: `zebra-${key}@x.test` }, contentHash: `h${key}`, source: { mail: 'ZEBRA' } });
  const words = { reason: 'bad', message: '"zebra" is not an address', retry: 'never' } as const;
  await run.stage(
    [
      changed('1', more('1')),
      changed('2', more('2')),
      changed('3', more('3')),
      changed('4', more('4')),
      changed('5', more('5')),
      rejected('6', { rejection: words, source: { mail: 'zebra' } }),
      { disposition: 'held', key: '7', reason: 'missing-reference', message: 'company zebra is not known yet', source: { mail: 'Zebra' } },
    ],
    { isSealed, nextCursor: { after: 'zebra@x.test' } },
  );
  const batch = await run.mustClaim({ maxRecords: 3 });
  await run.settle(
    batch,
    ({ id, key }) =>
      key === '1'
        ? written(id)
        : key === '2'
          ? { changeId: id, outcome: 'rejected', rejection: words }
          : { changeId: id, outcome: 'held', reason: 'conflict', message: 'two with zebra' },
    [attempt()],
  );
  await run.lose(await run.mustClaim({ maxRecords: 1 }));
  return { ledger, run };
}

describe('a SQLite ledger at rest', () => {
  for (const [values, isSealed] of [
    ['encrypted', false],
    ['hashed', false],
    ['plain', true],
  ] as const) {
    it(`holds no value of a record that can be read, neither in its file nor in its log (${values}${isSealed ? ', sensitive' : ''})`, async () => {
      const directory = makeFolder();
      const { ledger, run } = await fill(directory, values, isSealed);
      assert.doesNotMatch(bytesOf(directory), SECRET);
      assert.deepEqual(
        (await ledger.listRejected(run.scope, { limit: 5 })).map((one) => one.source?.['mail']),
        ['ZEBRA', 'ZEBRA', 'zebra', 'Zebra'],
      );
      assert.equal((await run.state('6'))?.rejection?.message, '"zebra" is not an address');
      assert.equal((await run.state('1'))?.match, 'zebra-1@x.test');
      assert.equal((await ledger.readHistory(run.scope, { match: 'zebra-1@x.test' }))?.state.key, '1');
      assert.deepEqual((await ledger.readSegment('r_1', 0))?.cursor, { after: 'zebra@x.test' });
      assert.ok((await ledger.groupRejections(run.scope)).some((group) => group.message === 'company zebra is not known yet'));
      await ledger.close();
    });
  }

  it('holds values as they are where nothing asks otherwise: the search above can find', async () => {
    const directory = makeFolder();
    const { ledger } = await fill(directory, 'plain', false);
    assert.match(bytesOf(directory), SECRET);
    await ledger.close();
  });

  it('holds no look-up value either, where values are encrypted', async () => {
    const directory = makeFolder();
    const ledger = await openLedger({ url: 'sqlite', directory, values: 'encrypted' });
    await ledger.addLookupEntries('r_1', 'owner', [{ value: 'zebra@x.test', id: 'zebra id' }]);
    assert.doesNotMatch(bytesOf(directory), SECRET);
    assert.deepEqual((await ledger.findLookupEntries('r_1', 'owner', ['zebra@x.test'])).get('zebra@x.test'), ['zebra id']);
    await ledger.close();
  });

  it('never holds a credential that can be read', async () => {
    const directory = makeFolder();
    const ledger = await openLedger({ url: 'sqlite', directory, values: 'plain' });
    await ledger.saveCredential('acme/dev/crm', 'token', { refresh: 'zebra' }, 1);
    assert.doesNotMatch(bytesOf(directory), SECRET);
    assert.deepEqual(await ledger.readCredential('acme/dev/crm', 'token'), { refresh: 'zebra' });
    await ledger.close();
  });

  it('excludes a target record in flight of a sealed sync from an open one, and the other way round', async () => {
    const ledger = await openLedger({ url: 'sqlite', directory: makeFolder(), values: 'plain' });
    const sealed = await RunDriver.start(ledger);
    const plain = await RunDriver.start(ledger, { id: 'r_2', scope: 'acme/dev/leads' });
    await sealed.stage([changed('1')], { isSealed: true });
    await plain.stage([changedTo('1', 'other')]);
    assert.equal((await sealed.mustClaim()).changes[0]?.match, 'k1@x.test');
    assert.equal(await plain.claim(), undefined);
    await ledger.close();
  });
});
