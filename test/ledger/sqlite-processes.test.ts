import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeBooks } from '../../engine/books.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { temporaryFolders } from './support/folders.ts';
import { changed, RunDriver, written } from './support/run-driver.ts';
import { startWriter } from './support/writers.ts';

const makeFolder = temporaryFolders();
const RECORDS = 1_500;

const open = (directory: string) => openLedger({ url: 'sqlite', directory, values: 'plain' });

describe('processes that share a SQLite ledger', () => {
  it('claim every change exactly once, while another one stages', async () => {
    const directory = makeFolder();
    const ledger = await open(directory);
    const run = await RunDriver.start(ledger);
    const writers = ['a', 'b', 'c'].map((name) => startWriter('sqlite', directory, 'drain', name));
    const keys = Array.from({ length: RECORDS }, (_, n) => `k${n}`);
    for (let n = 0; n < RECORDS; n += 100) await run.stage(keys.slice(n, n + 100).map((key) => changed(key)));
    await run.close();
    for (const [code] of await Promise.all(writers.map(({ child }) => once(child, 'exit')))) assert.equal(code, 0);
    const claimed = writers.map((writer) => writer.output().split(/\s+/).filter(Boolean));
    assert.deepEqual(claimed.flat().toSorted(), keys.toSorted());
    assert.ok(claimed.filter((own) => own.length > 0).length >= 2, 'more than one process had a part in it');
    const totals = await ledger.deriveTotals('r_1');
    assert.deepEqual([totals.read, totals.written, totals.created], [RECORDS, RECORDS, RECORDS]);
    assert.deepEqual(await run.liveTotals(), totals);
    await ledger.close();
  });

  it('write it anew while another one reads, as soon as that is over, and lose nothing', async () => {
    const directory = makeFolder();
    const ledger = await open(directory);
    const run = await RunDriver.start(ledger);
    await run.stage(Array.from({ length: RECORDS }, (_, n) => changed(`k${n}`)));
    const file = join(directory, 'ledger.db');
    const reader = new DatabaseSync(file);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM changes').get();
    let isOver = false;
    const compacted = ledger.compactLedger().finally(() => (isOver = true));
    await sleep(500);
    assert.equal(isOver, false);
    reader.exec('COMMIT');
    await compacted;
    assert.equal(statSync(`${file}-wal`).size, 0);
    reader.close();
    await run.writeAll();
    assert.equal((await ledger.deriveTotals('r_1')).written, RECORDS);
    await ledger.close();
  });

  it('killed with SIGKILL in the midst of staging and settling leave a whole ledger, from which the next run goes on', async () => {
    for (let round = 0; round < 3; round++) {
      const directory = makeFolder();
      const { child, output } = startWriter('sqlite', directory, 'churn');
      while (output().length < 12) await sleep(5);
      await sleep(Math.random() * 60);
      const settled = output().length;
      child.kill('SIGKILL');
      await once(child, 'exit');
      await assertWhole(directory, settled * 10);
      // The same execution goes on in the next process: only the batch in flight has to be looked into.
      const ledger = await open(directory);
      const run = new RunDriver(ledger, { now: Date.now() });
      for (const lost of await ledger.listUnresolved('r_1', 0, []))
        await run.settle(await run.takeOver(lost.id, 'after'), ({ id }) => written(id, { created: true }));
      await run.writeAll();
      const totals = await ledger.deriveTotals('r_1');
      assert.ok(closeBooks(totals).closes);
      assert.equal(totals.written, totals.read);
      assert.deepEqual(await run.liveTotals(), totals);
      await run.end();
      await ledger.close();
    }
  });
});

/** Every settled batch that was told of is there, sums agree with rows, and SQLite finds nothing broken. */
async function assertWhole(directory: string, settledAtLeast: number): Promise<void> {
  const sqlite = new DatabaseSync(join(directory, 'ledger.db'));
  const one = (sql: string) => Object.values(sqlite.prepare(sql).get() ?? {})[0];
  assert.equal(one('PRAGMA integrity_check'), 'ok');
  const settled = Number(one(`SELECT count(*) FROM changes WHERE state = 'settled'`));
  assert.ok(settled >= settledAtLeast, `${settled} settled, ${settledAtLeast} were told of`);
  assert.equal(one('SELECT written FROM segments WHERE idx = 0'), settled);
  assert.equal(one(`SELECT count(*) FROM records WHERE last_outcome = 'written'`), settled);
  assert.equal(one('SELECT taken FROM segments WHERE idx = 0'), one('SELECT count(*) FROM sightings'));
  assert.equal(one('SELECT cast(cursor AS INTEGER) * 50 FROM segments WHERE idx = 0'), one('SELECT count(*) FROM changes'));
  assert.equal(one(`SELECT coalesce(sum(size), 0) FROM batches WHERE state = 'sending'`), one(`SELECT count(*) FROM changes WHERE state = 'sending'`));
  sqlite.close();
}
