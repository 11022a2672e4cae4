import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ClaimedBatch } from '../../ledger/ledger.ts';
import { OneWrite } from './one-write.ts';

/**
 * Each mechanism of the write protocol at the very point where it is needed, beside the same without it: the harm that is seen there is what the mechanism prevents, and what
 * this test would see if it were gone.
 */
async function claimed(context: TestContext): Promise<{ readonly write: OneWrite; readonly batch: ClaimedBatch }> {
  const write = await OneWrite.begin(context);
  await write.stage();
  const batch = await write.claim();
  assert.ok(batch);
  return { write, batch };
}

/** The attempt that holds the batch stands still; another one takes it over and sends it. */
async function takenOver(context: TestContext) {
  const { write, batch } = await claimed(context);
  const sendBy = Date.now() + 2_000;
  const other = await write.ledger.takeOver({ batchId: batch.id, from: batch.token, token: 'another', sendBy, at: Date.now() });
  await write.send(other);
  assert.equal(write.made(), 1);
  return { write, batch };
}

describe('the fencing token', () => {
  it('keeps an attempt that wakes up after another has taken its batch from sending it again', async (context) => {
    const { write, batch } = await takenOver(context);
    await write.send(batch);
    assert.equal(write.made(), 1);
  });

  it('left out: the order is made twice', async (context) => {
    const { write, batch } = await takenOver(context);
    await write.send(batch, { ledger: write.ledgerWith({ holdsBatch: async () => true }) });
    assert.equal(write.made(), 2);
  });
});

describe('sendBy', () => {
  const late = async (context: TestContext) => {
    const write = await OneWrite.begin(context);
    await write.stage();
    const batch = await write.claim(write.ledger, Date.now() - 1);
    assert.ok(batch);
    return { write, batch };
  };

  it('keeps a claim that has grown old from being sent at all: it is planned again', async (context) => {
    const { write, batch } = await late(context);
    await write.send(batch);
    assert.equal(write.made(), 0);
    assert.equal((await write.ledger.readBacklog('r_1', 0)).planned, 1);
  });

  it('left out: it is sent, when others may have begun to look into it', async (context) => {
    const { write, batch } = await late(context);
    await write.send(batch, { now: () => batch.sendBy - 1 });
    assert.equal(write.made(), 1);
  });
});

describe('the claim before the first byte', () => {
  /** The attempt dies between its answer and its settlement. */
  const dies = async () => {
    throw new Error('killed');
  };

  it('tells the next attempt that something may have been sent: it claims nothing', async (context) => {
    const { write, batch } = await claimed(context);
    await assert.rejects(write.send(batch, { ledger: write.ledgerWith({ settleBatch: dies, markUnknown: dies }) }));
    assert.equal(write.made(), 1);
    assert.equal(await write.claim(), undefined);
    assert.deepEqual(
      (await write.ledger.listUnresolved('r_1', 0, [])).map(({ id, state }) => [id, state]),
      [[batch.id, 'sending']],
    );
  });

  it('left out: the next attempt finds the order planned, and it is made twice', async (context) => {
    const { write, batch } = await claimed(context);
    // A claim that is not written down is as good as given back before the request is sent.
    await write.ledger.settleBatch({
      batchId: batch.id,
      token: batch.token,
      outcomes: batch.changes.map(({ id }) => ({ changeId: id, outcome: 'again' })),
      terms: { mappingHash: 'm', afterMs: [1_000], untilMs: 1_000 },
      attempts: [],
      cost: { requests: 0, retries: 0, throttled: 0 },
      at: Date.now(),
    });
    await assert.rejects(write.send(batch, { ledger: write.ledgerWith({ holdsBatch: async () => true, settleBatch: dies, markUnknown: dies }) }));
    const again = await write.claim();
    assert.ok(again);
    await write.send(again);
    assert.equal(write.made(), 2);
  });
});

describe('the look-up after the delay', () => {
  /** The connection was cut; the order is made, and shown, a little later. */
  const lost = async (context: TestContext) => {
    const write = await OneWrite.begin(context, { isSearchable: true });
    await write.stage();
    const batch = await write.claim();
    assert.ok(batch);
    await write.send(batch);
    return write;
  };

  it('finds what was applied after all, and creates nothing', async (context) => {
    const write = await lost(context);
    await write.resolve({ isPatient: true });
    assert.equal(await write.claim(), undefined);
    assert.equal(write.made(), 1);
  });

  it('left out: it finds nothing yet, and the order is made twice', async (context) => {
    const write = await lost(context);
    await write.resolve({ isPatient: false });
    const again = await write.claim();
    assert.ok(again);
    await write.send(again);
    while (write.made() < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(write.made(), 2);
  });
});

describe('the unique row of a target record in flight', () => {
  it('keeps two records that are one in the target from being created side by side', async (context) => {
    const { write, batch } = await claimed(context);
    await write.stage('2');
    assert.equal(await write.claim(), undefined, 'the second waits for the first');
    await write.send(batch);
    const second = await write.claim();
    assert.equal(second?.kind, 'update');
    assert.equal(write.made(), 1);
  });

  it('left out, by another name for the same target: both are created', async (context) => {
    const { write, batch } = await claimed(context);
    await write.stage('2', 'acme/dev/shop-by-another-name/orders');
    const second = await write.claim();
    assert.ok(second);
    await Promise.all([write.send(batch), write.send(second)]);
    assert.equal(write.made(), 2);
  });
});

describe('the adoption of an abandoned run', () => {
  const abandoned = async (context: TestContext) => {
    const { write, batch } = await claimed(context);
    const { definitionHash = '' } = (await write.ledger.readRun('r_1')) ?? {};
    return { write, batch, definitionHash };
  };

  it('hands what a dead run has left in flight to the next one', async (context) => {
    const { write, batch, definitionHash } = await abandoned(context);
    await write.openRun('r_2', definitionHash);
    assert.equal((await write.ledger.readRun('r_1'))?.state, 'abandoned');
    assert.deepEqual(
      (await write.ledger.listUnresolved('r_2', 0, [])).map(({ id, runId, state }) => [id, runId, state]),
      [[batch.id, 'r_1', 'unknown']],
    );
  });

  it('left out: nobody ever hears of it', async (context) => {
    const { write } = await abandoned(context);
    assert.deepEqual(await write.ledger.listUnresolved('r_2', 0, []), []);
  });
});
