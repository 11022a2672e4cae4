import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PageIntake } from '../../activities/page-intake.ts';
import type { ClaimedBatch, ClaimInput } from '../../ledger/ledger.ts';
import { TERMS } from '../crash/steps-by-hand.ts';

const FULL = 10;
const BATCH: ClaimedBatch = { id: 'b_1', token: 't_0', kind: 'upsert', changes: [], attempts: 0, sendBy: 1 };

describe('the room for a page', () => {
  it('is waited for while all requests are in flight, until one of them ends', async () => {
    const { intake, writer } = open();
    writer.free = 0;
    const waiting = intake.room(FULL);
    assert.equal(await isOver(waiting, 10), false);
    writer.end();
    await waiting;
    assert.equal(writer.free, 1);
  });

  it('is waited for no longer than a moment: a target may be slow', async () => {
    const { intake, writer } = open();
    writer.free = 0;
    assert.equal(await isOver(intake.room(FULL), 200), true);
    assert.equal(writer.free, 0);
  });

  it('is for two where what was planned before is taken first', async () => {
    const { intake, writer } = open();
    intake.take([], { claimed: [], waited: [BATCH] });
    writer.free = 1;
    const waiting = intake.room(FULL);
    assert.equal(await isOver(waiting, 10), false);
    writer.end();
    await waiting;
    intake.take([], { claimed: [BATCH], waited: [] });
    writer.free = 1;
    assert.equal(await isOver(intake.room(FULL), 10), true, 'who has caught up takes one');
  });

  it('is not waited for where it would be in vain', async () => {
    const { intake, writer } = open();
    writer.free = 0;
    assert.equal(await isOver(intake.room(FULL / 2), 10), true, 'half a batch is planned anyway');
    writer.isReady = false;
    assert.equal(await isOver(intake.room(FULL), 10), true, 'a writer that is paced takes none');
    const stranger = open({ hasTaken: false });
    stranger.writer.free = 0;
    assert.equal(await isOver(stranger.intake.room(FULL), 10), true, 'a store may hand over nothing');
  });
});

function open({ hasTaken = true } = {}) {
  let end: () => void = () => undefined;
  const writer = {
    free: 8,
    isReady: true,
    /** One request ends. */
    end: () => {
      writer.free += 1;
      end();
    },
  };
  const intake = new PageIntake({
    now: () => Date.now(),
    free: () => writer.free,
    isReady: () => writer.isReady,
    maxRecords: () => FULL,
    claimInput: (): ClaimInput => ({ runId: 'r_1', segment: 0, batchId: 'b_1', token: 't_0', maxRecords: FULL, maxBytes: 1e6, sendBy: 1, terms: TERMS, at: 0 }),
    tokens: { holdToken: () => undefined, dropToken: () => undefined },
    send: () => undefined,
    nextEnd: () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  });
  if (hasTaken) intake.take([], { claimed: [BATCH], waited: [] });
  return { intake, writer };
}

async function isOver(work: Promise<unknown>, withinMs: number): Promise<boolean> {
  return Promise.race([work.then(() => true), sleep(withinMs, false)]);
}
