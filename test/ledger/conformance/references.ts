import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ledger, StagedRecord } from '../../../ledger/ledger.ts';
import { changedTo, held, NEVER, RunDriver, rejected, SCOPE, skipped, TERMS, unchanged } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

const COMPANIES = 'acme/dev/companies';

/** The record as it is without the companies that it refers to. */
function without(staged: StagedRecord, ...companies: readonly string[]): StagedRecord {
  const contentHash =
    staged.disposition === 'change' ? staged.change.contentHash : staged.disposition === 'held' ? undefined : `{"email":"k${staged.key}@x.test","name":"a"}`;
  const references = companies.map((key) => ({ scope: COMPANIES, key }));
  return { ...staged, awaits: { references, source: { id: staged.key, companies }, ...(contentHash === undefined ? {} : { contentHash }) } };
}

const due = async (ledger: Ledger) => (await ledger.listRejected(SCOPE, { limit: 9, references: true })).map(({ key }) => key);
/** What a run looks at by itself. */
const dueByItself = async (ledger: Ledger) =>
  (await ledger.listRejected(SCOPE, { limit: 9, due: { at: 0, mappingHash: TERMS.mappingHash } })).map(({ key }) => key);

async function writeCompanies(ledger: Ledger, ...keys: readonly string[]): Promise<void> {
  const run = await RunDriver.start(ledger, { id: `r_c${keys.join('')}`, scope: COMPANIES });
  await run.stage(keys.map((key) => changedTo(key, 'company')));
  await run.writeAll();
  await run.close();
  await run.end();
}

export function referencesConformance(openStore: OpenStore): void {
  describe('records that wait for references', () => {
    const open = closing(openStore);

    it('and were written without are due as soon as one of them is there, with the source as it was read', async () => {
      for (const values of ['plain', 'encrypted', 'hashed'] as const) {
        const ledger = await open(values);
        const run = await RunDriver.start(ledger);
        await run.stage([without(changedTo('1', 'a'), 'x', 'y'), without(changedTo('2', 'a'), 'z'), changedTo('3', 'a')], { isSealed: values !== 'plain' });
        assert.deepEqual(await ledger.countAwaited(SCOPE), { due: 0, open: 0 }, 'nothing is written yet');
        await run.writeAll();
        assert.deepEqual([await ledger.countAwaited(SCOPE), await due(ledger)], [{ due: 0, open: 2 }, []]);
        await writeCompanies(ledger, 'y');
        assert.deepEqual(await ledger.countAwaited(SCOPE), { due: 1, open: 1 });
        assert.deepEqual(await ledger.listRejected(SCOPE, { limit: 9, references: true }), [{ key: '1', source: { id: '1', companies: ['x', 'y'] } }]);
        assert.deepEqual([await dueByItself(ledger), await ledger.listRejected(SCOPE, { limit: 9 })], [['1'], []], 'nothing is wrong with it');
      }
    });

    it('and are held are due when all of them are there', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([without(held('1'), 'x', 'y')]);
      await writeCompanies(ledger, 'x');
      assert.deepEqual([await due(ledger), await ledger.countAwaited(SCOPE)], [[], { due: 0, open: 1 }]);
      await writeCompanies(ledger, 'y');
      assert.deepEqual(await due(ledger), ['1']);
    });

    it('wait no longer once they are written with them', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([without(changedTo('1', 'a'), 'x'), without(held('2'), 'x')]);
      await run.writeAll();
      await writeCompanies(ledger, 'x');
      const second = await RunDriver.start(ledger, { id: 'r_2', now: run.now + 100 });
      await second.stage([changedTo('1', 'with x'), changedTo('2', 'with x')]);
      assert.deepEqual(await due(ledger), ['1'], 'not before it is told: the run may end without');
      await second.writeAll();
      assert.deepEqual([await due(ledger), await ledger.countAwaited(SCOPE)], [[], { due: 0, open: 0 }]);
    });

    it('tell what for, in their story', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([without(changedTo('1', 'a'), 'x', 'y'), changedTo('2', 'a')]);
      await run.writeAll();
      const references = ['x', 'y'].map((key) => ({ scope: COMPANIES, key }));
      assert.deepEqual((await ledger.readHistory(SCOPE, { key: '1' }))?.awaits, references);
      assert.equal((await ledger.readHistory(SCOPE, { key: '2' }))?.awaits, undefined);
    });

    it('go on waiting where the run that would have set them never did', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([without(changedTo('1', 'a'), 'x')]);
      await run.writeAll();
      await run.end();
      await writeCompanies(ledger, 'x');
      const second = await RunDriver.start(ledger, { id: 'r_2', now: run.now + 100 });
      await second.stage([changedTo('1', 'with x')]);
      await second.end('failed');
      assert.deepEqual(await due(ledger), ['1']);
    });

    it('wait for what they refer to now, or for nothing', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage(['1', '2', '3', '4'].map((key) => without(changedTo(key, 'a'), 'x')));
      await run.writeAll();
      await run.end();
      const second = await RunDriver.start(ledger, { id: 'r_2', now: run.now + 100 });
      await second.stage([without(unchanged('1'), 'y'), unchanged('2'), skipped('3')]);
      assert.deepEqual(await ledger.countAwaited(SCOPE), { due: 0, open: 2 });
      await writeCompanies(ledger, 'x');
      assert.deepEqual(await due(ledger), ['4']);
      await writeCompanies(ledger, 'y');
      assert.deepEqual(await due(ledger), ['1', '4']);
    });

    it('are tried as others that are refused or held, where they are', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage(['1', '2'].map((key) => without(changedTo(key, 'a'), 'x')));
      await run.writeAll();
      await run.end();
      await writeCompanies(ledger, 'x');
      const second = await RunDriver.start(ledger, { id: 'r_2', now: run.now + 100 });
      await second.stage([changedTo('1', 'with x'), rejected('2')]);
      await second.settle(await second.mustClaim(), ({ id }) => ({ changeId: id, outcome: 'rejected', rejection: NEVER }));
      assert.deepEqual([await due(ledger), await dueByItself(ledger)], [[], []]);
      assert.equal((await ledger.listRejected(SCOPE, { limit: 9 })).length, 2);
    });

    it('come in pages, and beside what is due for other reasons', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([without(changedTo('1', 'a'), 'x'), without(held('2'), 'x'), without(changedTo('3', 'a'), 'x'), rejected('4')]);
      await run.writeAll();
      await writeCompanies(ledger, 'x');
      const page = async (afterKey: string) => (await ledger.listRejected(SCOPE, { limit: 2, afterKey, references: true })).map(({ key }) => key);
      assert.deepEqual([await page(''), await page('2')], [['1', '2'], ['3']]);
      const all = async (afterKey: string) =>
        (await ledger.listRejected(SCOPE, { limit: 3, afterKey, due: { at: run.now, mappingHash: 'another mapping' } })).map(({ key }) => key);
      assert.deepEqual([await all(''), await all('3')], [['1', '2', '3'], ['4']]);
    });
  });
}
