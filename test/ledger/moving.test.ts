import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ledger } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { exportLines, importLines } from '../../ledger/upkeep/ndjson.ts';
import { temporaryDatabases } from '../support/databases.ts';
import { temporaryFolders } from './support/folders.ts';
import { attempt, changed, changedTo, held, RunDriver, rejected, SCOPE, written } from './support/run-driver.ts';

const makeFolder = temporaryFolders();
const makeDatabase = temporaryDatabases();

/** Something in every state, and keys that are hard to write down. */
async function fill(ledger: Ledger): Promise<void> {
  const run = await RunDriver.start(ledger);
  const many = Array.from({ length: 1_200 }, (_, n) => changed(`many-${n}`));
  await run.stage([changed('1'), changed('a\u0000"b'), rejected('3'), held('4'), changed('5'), ...many], { nextCursor: { page: 2 } });
  await run.settle(await run.mustClaim({ maxRecords: 2 }), ({ id }) => written(id, { targetId: `t${id}` }), [attempt()]);
  await run.lose(await run.mustClaim({ maxRecords: 1 }), [attempt({ failure: 'connection reset' })]);
  await run.writeAll();
  await run.close();
  await ledger.saveWatermark(SCOPE, { value: '2026-01-01' }, 1);
  await ledger.saveCredential('acme/dev/crm', 'token', { access: 'secret' }, 1);
  const events = [{ scope: SCOPE, key: '1', kind: 'changed', record: { name: 'Ada' } }] as const;
  await ledger.acceptDelivery({ connection: 'acme/dev/crm', deliveryId: 'd1', receivedAt: 1, keepUntil: 9_000, events });
  await run.end();
}

async function linesOf(ledger: Ledger): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of exportLines(ledger)) lines.push(line);
  return lines;
}

async function* stream(lines: readonly string[]) {
  yield* lines;
}

describe('a ledger that moves', () => {
  for (const [from, to] of [
    ['sqlite', 'postgres'],
    ['postgres', 'sqlite'],
  ] as const)
    it(`from ${from} to ${to} is the same there, and goes on`, async () => {
      const directory = makeFolder();
      const urls = { sqlite: `sqlite:${makeFolder()}/other.db`, postgres: await makeDatabase() };
      const open = (store: 'sqlite' | 'postgres') => openLedger({ url: urls[store], directory, values: 'encrypted' });
      const source = await open(from);
      await fill(source);
      const lines = await linesOf(source);
      const target = await open(to);
      assert.equal(await importLines(target, stream(lines)), lines.length - 2);
      assert.deepEqual(sorted(await linesOf(target)), sorted(lines));
      assert.deepEqual(await target.readHistory(SCOPE, { key: 'a\u0000"b' }), await source.readHistory(SCOPE, { key: 'a\u0000"b' }));
      assert.deepEqual(await target.readCredential('acme/dev/crm', 'token'), { access: 'secret' });
      const next = await RunDriver.start(target, { id: 'r_2', now: 9_000 });
      await next.stage([changedTo('1', 'new'), changed('new one')]);
      await next.writeAll();
      assert.equal((await next.state('1'))?.fields?.['name'], 'new');
      assert.equal((await target.listUnresolved('r_2', 0, [])).length, 1);
      await source.close();
      await target.close();
    });

  it('is refused where the target is not empty, has another key, or the file is no whole export', async () => {
    const source = await openLedger({ url: 'sqlite', directory: makeFolder(), values: 'plain' });
    await fill(source);
    const lines = await linesOf(source);
    await assert.rejects(importLines(source, stream(lines)), /is not empty: import into a new one/);
    await source.close();
    const other = await openLedger({ url: 'sqlite', directory: makeFolder(), values: 'plain' });
    await assert.rejects(importLines(other, stream(lines)), /was written with another encryption key/);
    await assert.rejects(importLines(other, stream(['{"a":1}'])), /is no export of a ledger/);
    await assert.rejects(importLines(other, stream([])), /the file is empty/);
    await other.close();
  });

  it('half-way is opened by nobody', async () => {
    const [directory, url] = [makeFolder(), await makeDatabase()];
    const source = await openLedger({ url: 'sqlite', directory, values: 'plain' });
    await fill(source);
    const lines = await linesOf(source);
    await source.close();
    const target = await openLedger({ url, directory, values: 'plain' });
    await assert.rejects(importLines(target, stream(lines.slice(0, 700))), /the file is cut off/);
    await target.close();
    await assert.rejects(openLedger({ url, directory, values: 'plain' }), /An import into the ledger .* was broken off/);
  });
});

/** Stores have their columns in an order of their own. */
function sorted(lines: readonly string[]): readonly unknown[] {
  return lines.map((line) => {
    const { row, ...rest } = JSON.parse(line);
    return { ...rest, row: row === undefined ? undefined : Object.fromEntries(Object.entries(row).toSorted(([one], [other]) => (one < other ? -1 : 1))) };
  });
}
