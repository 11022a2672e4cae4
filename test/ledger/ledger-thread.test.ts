import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLedger } from '../../ledger/open-ledger.ts';
import { openLedgerInThread } from '../../ledger/thread/open-ledger-in-thread.ts';
import { ledgerConformance } from './conformance/index.ts';
import { settlingConformance } from './conformance/settling.ts';
import { temporaryFolders } from './support/folders.ts';
import { changed, RunDriver, withCode } from './support/run-driver.ts';

const makeFolder = temporaryFolders();
const open = (directory = makeFolder()) => openLedgerInThread({ url: 'sqlite', directory, values: 'plain' });

/** The thread passes calls on whatever they are: what the store promises is shown beside it. */
const conformance = process.env['SYNCLINE_TEST_LONG'] === '1' ? ledgerConformance : settlingConformance;

describe('the ledger in a thread', () => conformance((values = 'plain') => openLedgerInThread({ url: 'sqlite', directory: makeFolder(), values })));

describe('the thread of a ledger', () => {
  it('does not keep its owner from other work', async () => {
    const ledger = await open();
    const run = await RunDriver.start(ledger);
    const records = Array.from({ length: 20_000 }, (_, key) => changed(String(key)));
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 5);
    const before = performance.eventLoopUtilization();
    await run.stage(records);
    const { utilization } = performance.eventLoopUtilization(before);
    clearInterval(timer);
    await ledger.close();
    assert.ok(turns >= 5 && utilization < 0.7, `${turns} turns, busy ${utilization}`);
  });

  it('says why a ledger cannot be opened', async () => {
    await assert.rejects(openLedgerInThread({ url: 'postgres://nowhere', directory: makeFolder(), values: 'plain' }), withCode('STORE_UNAVAILABLE'));
  });

  it('answers what was asked before it is closed, and refuses what comes after', async () => {
    const directory = makeFolder();
    const ledger = await open(directory);
    const saved = Array.from({ length: 20 }, (_, n) => ledger.saveDefinition(`h${n}`, 's', { n }, n));
    const closed = ledger.close();
    await Promise.all(saved);
    await closed;
    await assert.rejects(ledger.readDefinition('h1'), withCode('STORE_UNAVAILABLE'));
    const again = await openLedger({ url: 'sqlite', directory, values: 'plain' });
    assert.deepEqual(await again.readDefinition('h19'), { n: 19 });
    await again.close();
  });

  it('lends a lock to one at a time, also where the work fails', async () => {
    const ledger = await open();
    const order: string[] = [];
    const work = (name: string, fails = false) =>
      ledger.withCredentialLock('account', async () => {
        order.push(`${name} begins`);
        await sleep(30);
        order.push(`${name} ends`);
        if (fails) throw new Error('the work failed');
        return name;
      });
    const [first, second] = await Promise.allSettled([work('one', true), work('two')]);
    await ledger.close();
    assert.deepEqual(order, ['one begins', 'one ends', 'two begins', 'two ends']);
    assert.deepEqual([first.status, second.status], ['rejected', 'fulfilled']);
  });
});
