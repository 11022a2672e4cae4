import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changed, RunDriver } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

export function unknownByHandConformance(openStore: OpenStore): void {
  describe('writes that a person resolves', () => {
    const open = closing(openStore);

    /** Two records, each held because its answer was lost, and one that was written. */
    async function hold(values?: 'plain' | 'encrypted' | 'hashed') {
      const run = await RunDriver.start(await open(values));
      await run.stage([changed('1', { kind: 'create' }), changed('2', { kind: 'create' }), changed('3', { kind: 'create' })]);
      const batch = await run.mustClaim();
      await run.lose(batch, [{ sentAt: 500, method: 'POST', path: '/orders', failure: 'no answer within 30 s' }]);
      const again = await run.takeOver(batch.id, 'second');
      await run.settle(again, ({ id, key }) =>
        key === '3' ? { changeId: id, outcome: 'written', targetId: 't3' } : { changeId: id, outcome: 'held', reason: 'unknown', message: 'look there' },
      );
      await run.end();
      return run;
    }

    it('are listed with what was sent, and what came back', async () => {
      const run = await hold();
      const [first, second, ...none] = await run.ledger.listUnknown(run.scope, { limit: 9 });
      assert.deepEqual(first, { key: '1', runId: 'r_1', sentAt: 500, request: 'POST /orders', failure: 'no answer within 30 s', message: 'look there' });
      assert.deepEqual([second?.key, none], ['2', []]);
      assert.deepEqual(
        (await run.ledger.listUnknown(run.scope, { limit: 1, afterKey: '1' })).map((one) => one.key),
        ['2'],
      );
    });

    it('written: the target has the content under the id, and the record is not sent again', async () => {
      const run = await hold();
      assert.equal(await run.ledger.resolveUnknown(run.scope, '1', { as: 'written', targetId: 't9' }, 900), true);
      const state = await run.state('1');
      assert.deepEqual([state?.targetId, state?.contentHash, state?.lastOutcome, state?.hasUnknown], ['t9', '{"email":"k1@x.test"}', 'written', false]);
      assert.deepEqual(
        (await run.ledger.listUnknown(run.scope, { limit: 9 })).map((one) => one.key),
        ['2'],
      );
      assert.ok((await run.ledger.readHistory(run.scope, { key: '1' }))?.events.some((event) => event.event === 'resolved' && event.text.includes('t9')));
      assert.deepEqual(await run.ledger.listRejected(run.scope, { limit: 9 }), []);
    });

    it('not written: the record is due at once, with what was to be sent', async () => {
      const run = await hold();
      assert.deepEqual(await run.ledger.listRejected(run.scope, { limit: 9 }), [], 'nothing is tried while it is not known');
      assert.equal(await run.ledger.resolveUnknown(run.scope, '2', { as: 'not-written' }, 900), true);
      const due = await run.ledger.listRejected(run.scope, { limit: 9, due: { at: 900, mappingHash: 'mapping' } });
      assert.deepEqual(due, [{ key: '2', source: { email_address: 'k2@x.test' } }]);
      assert.equal((await run.state('2'))?.hasUnknown, false);
    });

    it('are resolved once, and only where there is one', async () => {
      const run = await hold();
      for (const key of ['3', 'zzz']) assert.equal(await run.ledger.resolveUnknown(run.scope, key, { as: 'written' }, 900), false);
      assert.equal(await run.ledger.resolveUnknown(run.scope, '1', { as: 'written' }, 900), true);
      assert.equal(await run.ledger.resolveUnknown(run.scope, '1', { as: 'not-written' }, 901), false);
    });

    it('keep no values where the ledger keeps none', async () => {
      const run = await hold('hashed');
      assert.equal(await run.ledger.resolveUnknown(run.scope, '1', { as: 'written', targetId: 't9' }, 900), true);
      const state = await run.state('1');
      assert.deepEqual([state?.targetId, state?.fields, state?.lastOutcome], ['t9', undefined, 'written']);
    });
  });
}
