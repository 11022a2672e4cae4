import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Rejection } from '../../../engine/errors.ts';
import { changed, changedTo, held, NEVER, RunDriver, rejected, skipped, TERMS, unchanged, written } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

const LATER: Rejection = { reason: 'conflict', message: 'locked', retry: 'later' };
const says = (message: string, more: Partial<Rejection> = {}): Rejection => ({ reason: 'api-rejected', message, retry: 'never', ...more });

export function rejectionsConformance(openStore: OpenStore): void {
  describe('rejections', () => {
    const open = closing(openStore);

    it('are remembered by content, beside what the target was told before', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changedTo('1', 'good')]);
      await run.writeAll();
      await run.stage([changedTo('1', 'bad')]);
      await run.settle(await run.mustClaim(), ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: { ...NEVER, field: 'name', apiCode: 'TOO_BAD' } }));
      const state = await run.state('1');
      assert.deepEqual([state?.contentHash, state?.rejectedHash], ['{"email":"k1@x.test","name":"good"}', '{"email":"k1@x.test","name":"bad"}']);
      assert.deepEqual([state?.rejection, state?.retryAt, state?.lastOutcome], [{ ...NEVER, field: 'name', apiCode: 'TOO_BAD' }, undefined, 'rejected']);
    });

    it('that may pass say when they are tried again', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1'), rejected('2', { rejection: LATER })]);
      await run.settle(await run.mustClaim(), ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: LATER }));
      const retryAt = (await run.state('1'))?.retryAt;
      assert.ok(retryAt !== undefined && retryAt > run.now);
      assert.ok((await run.state('2'))?.retryAt !== undefined);
    });

    it('come due after pauses that grow, and no more when they have been tried for long enough', async () => {
      const ledger = await open();
      const pauses: (number | undefined)[] = [];
      for (const [n, now] of [0, 10_000, 100_000, 900_000, 2_000_000].entries()) {
        const run = await RunDriver.start(ledger, { id: `r_${n}`, now });
        await run.stage([changed('1')]);
        await run.settle(await run.mustClaim(), ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: LATER }));
        const retryAt = (await run.state('1'))?.retryAt;
        pauses.push(retryAt === undefined ? undefined : Math.round((retryAt - run.now) / 1_000));
        await run.end();
      }
      assert.deepEqual(pauses, [1, 10, 100, 100, undefined]);
    });

    it('begin anew with another content', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage([rejected('1', { rejection: LATER })]);
      await first.end();
      const second = await RunDriver.start(ledger, { id: 'r_2', now: 50_000 });
      await second.stage([rejected('1', { rejection: LATER, contentHash: 'another' })]);
      assert.equal((await second.state('1'))?.retryAt, second.now + 1_000);
    });

    it('are due once their pause is over, or under another mapping, or once a lost answer is known', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([rejected('1', { rejection: LATER }), rejected('2'), changed('3'), changed('4')], { isRetry: false });
      const batch = await run.mustClaim({ maxRecords: 1 });
      await run.lose(batch);
      await run.settle(await run.mustClaim(), ({ id }) => ({ changeId: id, outcome: 'held', reason: 'conflict', message: 'two of them' }));
      await run.stage([held('3', 'unknown')]);
      const due = async (at: number, mappingHash = TERMS.mappingHash) =>
        (await ledger.listRejected(run.scope, { limit: 9, due: { at, mappingHash } })).map((one) => one.key);
      assert.deepEqual(await due(run.now), []);
      assert.deepEqual(await due(run.now + 1_000), ['1', '4']);
      assert.deepEqual(await due(run.now, 'another mapping'), ['1', '2', '4']);
      await run.settle(await run.takeOver(batch.id, 'other'), ({ id }) => written(id));
      assert.deepEqual(await due(run.now), ['3'], 'its newer content was held, and waits to be sent');
    });

    it('that come again unchanged wait longer, and are no longer due for the mapping that refused them again', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage([rejected('1', { rejection: LATER }), rejected('2')]);
      await first.end();
      const second = await RunDriver.start(ledger, { id: 'r_2', now: 50_000 });
      const terms = { ...TERMS, mappingHash: 'another mapping' };
      const again = [rejected('1', { rejection: LATER, isRepeat: true }), rejected('2', { isRepeat: true })];
      await second.stage(again, { isRetry: true, terms });
      assert.equal((await second.state('1'))?.retryAt, second.now + 10_000);
      assert.deepEqual(await ledger.listRejected(second.scope, { limit: 9, due: { at: second.now, mappingHash: terms.mappingHash } }), []);
      const { read, retriedFromEarlier, rejected: refused } = await second.end();
      assert.deepEqual([read, retriedFromEarlier, refused], [0, 2, 2]);
    });

    it('are forgotten when the record is written', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([rejected('1')]);
      await run.stage([changed('1')]);
      await run.writeAll();
      const state = await run.state('1');
      assert.deepEqual([state?.lastOutcome, state?.rejectedHash, state?.rejection, state?.retryAt], ['written', undefined, undefined, undefined]);
      assert.deepEqual(await run.ledger.listRejected(run.scope, { limit: 10 }), []);
    });

    it('are forgotten when the source has again what the target was told, or is filtered', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage([changed('1'), changed('2')]);
      await first.writeAll();
      await first.end();
      const second = await RunDriver.start(ledger, { id: 'r_2', now: 5_000 });
      await second.stage([rejected('1'), rejected('2')]);
      await second.end();
      const third = await RunDriver.start(ledger, { id: 'r_3', now: 9_000 });
      await third.stage([unchanged('1'), skipped('2')]);
      assert.deepEqual(
        [(await third.state('1'))?.lastOutcome, (await third.state('1'))?.rejectedHash, (await third.state('2'))?.lastOutcome],
        ['unchanged', undefined, 'skipped'],
      );
      assert.deepEqual(await ledger.groupRejections(first.scope), []);
    });

    it('stay where the same content comes again', async () => {
      const ledger = await open();
      const first = await RunDriver.start(ledger);
      await first.stage([rejected('1')]);
      await first.end();
      const second = await RunDriver.start(ledger, { id: 'r_2', now: 5_000 });
      await second.stage([rejected('1', { isRepeat: true })]);
      assert.equal((await second.end()).rejected, 1);
      assert.deepEqual([(await second.state('1'))?.rejectedHash, (await ledger.listRejected(first.scope, { limit: 5 })).length], ['bad 1', 1]);
    });

    it('give way to a hold, and come back with the same content', async () => {
      const ledger = await open();
      const plan = [rejected('1'), held('1'), rejected('1', { isRepeat: true })];
      const listed: number[] = [];
      for (const [n, record] of plan.entries()) {
        const run = await RunDriver.start(ledger, { id: `r_${n}`, now: n * 100 });
        await run.stage([record]);
        await run.end();
        listed.push((await ledger.listRejected(run.scope, { limit: 5 })).length);
      }
      assert.deepEqual(listed, [1, 1, 1]);
    });

    it('are listed page by page in key order, with the source record as last read', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([rejected('b', { source: { id: 'b', name: 'Bea' } }), rejected('a'), changed('d'), changed('c'), held('e'), changed('f')]);
      await run.settle(await run.mustClaim(), ({ id, key }) => (key === 'f' ? written(id) : { changeId: id, outcome: 'rejected', rejection: NEVER }));
      const page = await run.ledger.listRejected(run.scope, { limit: 2 });
      assert.deepEqual(page, [
        { key: 'a', source: { id: 'a' } },
        { key: 'b', source: { id: 'b', name: 'Bea' } },
      ]);
      assert.deepEqual(await run.ledger.listRejected(run.scope, { limit: 2, afterKey: 'b' }), [
        { key: 'c', source: { email_address: 'kc@x.test' } },
        { key: 'd', source: { email_address: 'kd@x.test' } },
      ]);
      assert.deepEqual(await run.ledger.listRejected(run.scope, { limit: 2, afterKey: 'd' }), [{ key: 'e', source: { id: 'e' } }]);
      assert.deepEqual(await run.ledger.listRejected(run.scope, { limit: 2, afterKey: 'e' }), []);
      assert.deepEqual(
        (await run.ledger.listRejected(run.scope, { limit: 9, keys: ['d', 'f', 'a', 'zzz'] })).map((one) => one.key),
        ['a', 'd'],
      );
      assert.deepEqual(await run.ledger.listRejected('acme/dev/other', { limit: 9 }), []);
    });

    it('are counted with what is held and known', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([changed('1'), changed('2'), rejected('3'), held('4'), unchanged('5')]);
      await run.settle(await run.mustClaim(), ({ id, key }) => (key === '1' ? written(id) : { changeId: id, outcome: 'rejected', rejection: NEVER }));
      const { known, rejected: refused, held: kept, retriable } = await run.ledger.countRecords(run.scope);
      assert.deepEqual([known, refused, kept, retriable], [4, 2, 1, 3]);
    });

    it('that differ only in values, addresses, ids or numbers are one group, the largest first', async () => {
      const run = await RunDriver.start(await open());
      const messages = [
        `Email address "a@x" is invalid`,
        `Email address "bobby@y" is invalid`,
        'Contact 17 already exists. Existing ID: 8801',
        'Contact 18 already exists. Existing ID: 91',
        'Contact 0019xx already exists. Existing ID: f3a9-77bc',
        'ada@x.test is taken since 2026-01-02T03:04:05Z',
        'bo.b+tag@mail.y.test is taken since 2026-02-02T03:04:05Z',
        `the owner 'Ada' isn't there`,
        `the owner 'Bob' isn't there`,
        'Something else',
      ];
      await run.stage(messages.map((message, n) => rejected(String(n), { rejection: says(message) })));
      await run.stage([
        rejected('other field', { rejection: says('Something else', { field: 'phone' }) }),
        rejected('other code', { rejection: says('Something else', { apiCode: 'X' }) }),
      ]);
      const groups = await run.ledger.groupRejections(run.scope);
      assert.deepEqual(
        groups.map((group) => group.count),
        [3, 2, 2, 2, 1, 1, 1],
      );
      assert.deepEqual(
        [groups[0]?.message, groups[0]?.reason, groups[0]?.sampleKeys],
        ['Contact 17 already exists. Existing ID: 8801', 'api-rejected', ['2', '3', '4']],
      );
    });

    it('show five keys of a group, and what is held by its reason', async () => {
      const run = await RunDriver.start(await open());
      await run.stage([...Array.from({ length: 8 }, (_, n) => rejected(`r${n}`)), held('h1'), held('h2', 'missing-reference', 'company 8 is not known yet')]);
      const groups = await run.ledger.groupRejections(run.scope);
      assert.deepEqual(
        groups.map((group) => [group.reason, group.field, group.count, group.sampleKeys]),
        [
          ['required-missing', 'email', 8, ['r0', 'r1', 'r2', 'r3', 'r4']],
          ['missing-reference', undefined, 2, ['h1', 'h2']],
        ],
      );
      assert.equal(groups[1]?.message, 'company 7 is not known yet');
    });
  });
}
