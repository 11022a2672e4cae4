import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attempt, changed, changedTo, held, NEVER, RunDriver, rejected, SCOPE, skipped, unchanged, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function recordsConformance(openStore: OpenStore): void {
  describe('records', () => {
    const open = closing(openStore);

    it('are read by many keys at once, of one scope', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      const keys = Array.from({ length: 1_500 }, (_, n) => `key '${n}' "ü"`);
      await run.stage(keys.map((key) => changed(key)));
      await run.writeAll();
      const found = await ledger.readRecords(SCOPE, [...keys, 'nobody']);
      assert.deepEqual([found.size, found.has('nobody'), found.get(keys[3] ?? '')?.lastOutcome], [1_500, false, 'written']);
      assert.equal((await ledger.readRecords('acme/dev/other', keys)).size, 0);
      assert.equal((await ledger.readRecords(SCOPE, [])).size, 0);
    });

    it('are listed in key order, page by page', async () => {
      const run = await RunDriver.start(await open());
      await run.stage(['b', 'a', 'c'].map((key) => changed(key)));
      await run.writeAll();
      assert.deepEqual(
        (await run.ledger.listRecords(SCOPE, { limit: 2 })).map((record) => [record.key, record.fields]),
        [
          ['a', { email: 'ka@x.test' }],
          ['b', { email: 'kb@x.test' }],
        ],
      );
      assert.deepEqual(
        (await run.ledger.listRecords(SCOPE, { limit: 2, afterKey: 'b' })).map((record) => record.key),
        ['c'],
      );
    });

    it('that are one record in the target are told together, the one told last first', async () => {
      const run = await RunDriver.start(await open());
      const tell = async (key: string, targetId: string | undefined, match = `k${key}@x.test`) => {
        await run.stage([changed(key, { match })]);
        await run.settle(await run.mustClaim(), ({ id }) => written(id, targetId === undefined ? {} : { targetId }));
      };
      await tell('1', 't1');
      await tell('2', 't2');
      await tell('3', 't1');
      await tell('4', 't1');
      await tell('5', undefined, 'same@x.test');
      await tell('6', undefined, 'same@x.test');
      await tell('7', undefined, 't1');
      const all = await run.ledger.listShared(SCOPE, { limit: 9 });
      assert.deepEqual(
        all.map(({ targetId, match, keys }) => ({ targetId, match, keys })),
        [
          { targetId: 't1', match: 'k4@x.test', keys: ['4', '3', '1'] },
          { targetId: undefined, match: 'same@x.test', keys: ['6', '5'] },
        ],
      );
      const [first] = await run.ledger.listShared(SCOPE, { limit: 1 });
      assert.deepEqual(await run.ledger.listShared(SCOPE, { limit: 9, afterRef: first?.ref ?? '' }), all.slice(1));
      assert.deepEqual(await run.ledger.listShared('acme/dev/other', { limit: 9 }), []);
    });

    it('that were never met have no story', async () => {
      const ledger = await open();
      assert.equal(await ledger.readHistory(SCOPE, { key: '1' }), undefined);
      assert.equal(await ledger.readHistory(SCOPE, { match: 'k1@x.test' }), undefined);
    });

    it('tell their story: refused, changed, sent, lost, sent again, written, read again', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger, { now: 100 });
      await first.stage([rejected('1')]);
      await first.end();
      const second = await RunDriver.start(ledger, { id: 'r_2', now: 200 });
      await second.stage([changed('1')]);
      const refused = await second.mustClaim();
      await second.settle(refused, ({ id }) => ({ changeId: id, outcome: 'again' }), [
        attempt({ sentAt: second.tick(), answeredAt: second.tick(), status: 500, requestId: 'q-1' }),
      ]);
      const lost = await second.mustClaim();
      await second.lose(lost, [{ sentAt: second.tick(), method: 'POST', path: '/contacts/batch', failure: 'no answer within 30 s' }]);
      const taken = await second.takeOver(lost.id, 'w');
      await second.settle(taken, ({ id }) => written(id, { created: true, targetId: 't1' }), [
        attempt({ sentAt: second.tick(), answeredAt: second.tick(), status: 200, requestId: 'q-2' }),
      ]);
      await second.end();
      for (const [n, id] of ['r_3', 'r_4', 'r_5'].entries()) {
        const quiet = await RunDriver.start(ledger, { id, now: 300 + n * 100 });
        await quiet.stage([unchanged('1')]);
        await quiet.end();
      }
      const history = await ledger.readHistory(SCOPE, { key: '1' });
      assert.ok(history);
      assert.deepEqual([history.firstSeenAt, history.lastSeenAt, history.lastSeenRun, history.state.targetId], [103, 503, 'r_5', 't1']);
      assert.deepEqual(
        history.events.map((event) => `${event.runId} ${event.event}: ${event.text}`),
        [
          'r_1 first-seen: read for the first time',
          'r_1 rejected: email: email is required; nothing was sent',
          'r_2 staged: upsert staged in segment 0',
          `r_2 sent: sent in batch ${refused.id}: POST /contacts/batch`,
          'r_2 answered: answered 500, request id q-1',
          `r_2 sent: sent in batch ${lost.id}: POST /contacts/batch`,
          'r_2 answered: no answer: no answer within 30 s',
          `r_2 unknown: batch ${lost.id}: whether it was applied is not known; it is looked into`,
          `r_2 taken-over: batch ${lost.id} taken over by a later attempt`,
          `r_2 sent: sent in batch ${lost.id}: POST /contacts/batch`,
          'r_2 answered: answered 200, request id q-2',
          'r_2 written: created as t1',
          'r_5 last-seen: read again and unchanged since: nothing to send',
        ],
      );
      assert.deepEqual(history.events[2]?.details, { fields: { email: 'k1@x.test' } });
      assert.deepEqual(history.events[10]?.details, { batchId: lost.id, status: 200, requestId: 'q-2' });
      assert.deepEqual(
        history.events.map((event) => event.at),
        history.events.map((event) => event.at).toSorted((one, other) => one - other),
      );
    });

    it('tell of verdicts when they are new, not at each read', async () => {
      const ledger = await open();
      const plan = [held('1'), held('1'), held('1', 'conflict', 'two of them'), rejected('1'), rejected('1', { isRepeat: true }), skipped('1'), skipped('1')];
      for (const [n, record] of plan.entries()) {
        const run = await RunDriver.start(ledger, { id: `r_${n}`, now: n * 100 });
        await run.stage([record]);
        await run.end();
      }
      const history = await ledger.readHistory(SCOPE, { key: '1' });
      assert.deepEqual(
        history?.events.map((event) => `${event.runId} ${event.event}`),
        ['r_0 first-seen', 'r_0 held', 'r_2 held', 'r_3 rejected', 'r_5 skipped', 'r_6 last-seen'],
      );
    });

    it('are found by the match value they were last told under, or are to be', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1', { match: 'old@x.test' }), changed('2')]);
      await run.settle(await run.mustClaim({ maxRecords: 1 }), ({ id }) => written(id));
      assert.equal((await run.ledger.readHistory(SCOPE, { match: 'old@x.test' }))?.state.key, '1');
      assert.equal((await run.ledger.readHistory(SCOPE, { match: 'k2@x.test' }))?.state.key, '2');
      assert.equal(await run.ledger.readHistory('acme/dev/other', { match: 'old@x.test' }), undefined);
    });

    it('tell that a change gave way to a newer one', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changedTo('1', 'old')]);
      await run.stage([changedTo('1', 'new')]);
      await run.settle(await run.mustClaim(), ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: { ...NEVER, field: 'name' } }));
      const events = (await run.ledger.readHistory(SCOPE, { key: '1' }))?.events ?? [];
      assert.deepEqual(
        events.map((event) => event.event),
        ['first-seen', 'staged', 'dropped', 'staged', 'claimed', 'rejected'],
      );
      assert.deepEqual([events.at(-1)?.text, events.at(-1)?.details], ['name: no', { ...NEVER, field: 'name' }]);
    });
  });
}
