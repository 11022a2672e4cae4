import { setTimeout as sleep } from 'node:timers/promises';
import { openLedger } from '../../../ledger/open-ledger.ts';
import { attempt, changed, keysOf, RunDriver, written } from './run-driver.ts';

/**
 * A process of its own on a shared ledger. `drain NAME`: claims and settles batches of run r_1 until its segment is closed and nothing is left, one printed line of keys
 * for each. `churn`: stages and settles without end, until it is killed; prints a dot for each settled batch.
 */
const [url = '', directory = '', task, name = 'churn'] = process.argv.slice(2);
const ledger = await openLedger({ url, directory, values: 'plain' });
await (task === 'drain' ? drain() : churn());
await ledger.close();

async function drain(): Promise<void> {
  const run = new RunDriver(ledger, { now: Date.now() });
  for (let n = 0; ; n++) {
    const batch = await run.claim({ batchId: `b_${name}_${n}`, token: name, maxRecords: 7 });
    if (batch !== undefined) {
      await sleep(Math.random() * 3);
      await run.settle(batch, ({ id }) => written(id, { created: true }), [attempt()]);
      process.stdout.write(`${keysOf(batch).join(' ')}\n`);
      continue;
    }
    const { planned, inFlight, isClosed } = await ledger.readBacklog('r_1', 0);
    if (isClosed && planned + inFlight === 0) return;
    await sleep(5);
  }
}

async function churn(): Promise<void> {
  const run = await RunDriver.start(ledger, { now: Date.now() });
  for (let page = 0; ; page++) {
    await run.stage(
      Array.from({ length: 50 }, (_, n) => changed(`${page}-${n}`)),
      { nextCursor: page + 1 },
    );
    for (let batch = await run.claim({ maxRecords: 10 }); batch !== undefined; batch = await run.claim({ maxRecords: 10 })) {
      await run.settle(batch, ({ id }) => written(id, { created: true }), [attempt()]);
      process.stdout.write('.');
    }
  }
}
