import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ledger } from '../../../ledger/ledger.ts';
import type { RequestSample } from '../../../ledger/sample-store.ts';
import { changed, RunDriver, SCOPE } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

const SAMPLE: RequestSample = {
  connection: 'crm',
  method: 'POST',
  path: '/contacts/batch?dry=no',
  sentAt: 1_000,
  durationMs: 20,
  status: 200,
  requestId: 'q1',
  isError: false,
  sent: { text: '{"email":"k1@x.test"}', isCut: false },
  received: { text: '[{"id":1', isCut: true },
};

export function samplesConformance(openStore: OpenStore): void {
  describe('samples of requests', () => {
    const open = closing(openStore);
    const keep = (ledger: Ledger, id: string, more: Partial<RequestSample> = {}, keys: readonly string[] = [], runId = 'r_1', scope = SCOPE) =>
      ledger.keepSamples({ scope, runId, samples: [{ id, sample: { ...SAMPLE, ...more }, keys }] });
    const idsOf = async (ledger: Ledger, more: Partial<Parameters<Ledger['readSamples']>[0]> = {}) =>
      (await ledger.readSamples({ scope: SCOPE, limit: 10, ...more })).map(({ id }) => id);

    it('are as they were kept, the newest first, each once', async () => {
      const ledger = await open();
      await keep(ledger, 's_1', {}, ['1']);
      await keep(ledger, 's_1', { status: 500 }, ['1']);
      await keep(ledger, 's_2', { sentAt: 2_000, status: undefined, failure: 'connection reset', isError: true }, ['1', '2']);
      await keep(ledger, 's_3', {}, ['1'], 'r_1', 'acme/dev/other');
      const [newest, oldest] = await ledger.readSamples({ scope: SCOPE, limit: 10 });
      assert.deepEqual(oldest, { ...SAMPLE, id: 's_1', scope: SCOPE, runId: 'r_1' });
      assert.deepEqual([newest?.id, newest?.status, newest?.failure], ['s_2', undefined, 'connection reset']);
      assert.deepEqual(await idsOf(ledger, { limit: 1 }), ['s_2']);
    });

    it('are found by run, source record, time and mistake', async () => {
      const ledger = await open();
      await keep(ledger, 's_1', {}, ['1', '2', '2']);
      await keep(ledger, 's_2', { sentAt: 2_000, isError: true }, ['2'], 'r_2');
      await keep(ledger, 's_3', { sentAt: 3_000 }, []);
      assert.deepEqual(await idsOf(ledger, { runId: 'r_1' }), ['s_3', 's_1']);
      assert.deepEqual(await idsOf(ledger, { key: '2' }), ['s_2', 's_1']);
      assert.deepEqual(await idsOf(ledger, { key: '2', runId: 'r_2' }), ['s_2']);
      assert.deepEqual(await idsOf(ledger, { from: 2_000, until: 3_000 }), ['s_2']);
      assert.deepEqual(await idsOf(ledger, { errorsOnly: true }), ['s_2']);
    });

    it('are encrypted whatever the policy, and without their bodies where the ledger keeps no values', async () => {
      const plain = await open('plain');
      await keep(plain, 's_1', {}, ['1']);
      const [row] = await plain.exportRows('request_samples', undefined, 10);
      assert.match(String(row?.['body']), /^e1:/);
      const hashed = await open('hashed');
      await keep(hashed, 's_1', {}, ['1']);
      const [sample] = await hashed.readSamples({ scope: SCOPE, limit: 1 });
      assert.deepEqual([sample?.path, sample?.sent, sample?.received], [SAMPLE.path, undefined, undefined]);
    });

    it('go when their time is over', async () => {
      const ledger = await open();
      await keep(ledger, 's_1', {}, ['1']);
      await keep(ledger, 's_2', { sentAt: 2_000 }, ['1']);
      assert.equal(await ledger.pruneSamples(2_000), 1);
      assert.equal(await ledger.pruneSamples(2_000), 0);
      assert.deepEqual(await idsOf(ledger, { key: '1' }), ['s_2']);
      assert.equal((await ledger.exportRows('sample_keys', undefined, 10)).length, 1);
    });

    it('go with the person they are about, and so do those of whom nobody knows what they hold', async () => {
      const ledger = await open();
      const run = await RunDriver.start(ledger);
      await run.stage([changed('1')]);
      await run.writeAll();
      await run.end();
      await keep(ledger, 's_1', {}, ['1', '2']);
      await keep(ledger, 's_2', {}, ['2']);
      await keep(ledger, 's_3', {}, []);
      await ledger.forgetRecord(SCOPE, '1');
      assert.deepEqual(await idsOf(ledger), ['s_2']);
      assert.equal((await ledger.exportRows('sample_keys', undefined, 10)).length, 1);
    });
  });
}
