import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { ComparingBudget } from '../../activities/comparing-budget.ts';
import { DeletedReader } from '../../activities/deleted-reader.ts';
import { ListPlaces } from '../../activities/list-places.ts';
import { readRetries } from '../../activities/read-retries.ts';
import { reconcile } from '../../activities/reconcile.ts';
import type { Source } from '../../connectors/ports.ts';
import { beginSteps } from '../crash/steps-by-hand.ts';
import { json, serve } from '../http/local-server.ts';
import { changed, RunDriver, written } from '../ledger/support/run-driver.ts';

/** The target was told of a record, and lacks it: it was to be told again, and its run ended before. */
async function toldAgain(context: Parameters<typeof serve>[0]) {
  const server = await serve(context, (_, response) => json(response, []));
  const steps = await beginSteps(
    context,
    {
      'syncline.yaml': 'name: acme\n',
      'connections/shop.yaml': `
connector: generic-rest
shared: true
baseUrl: ${server.url}
objects:
  lines: { list: { get: /lines, records: $ } }
  orders: { create: { post: /orders }, search: { get: /orders, query: { email: "{key}" }, records: $, max: 1, indexingDelay: 0s } }
`,
      'syncs/orders.yaml': `
source: { connection: shop, object: lines, primaryKey: number }
target: { connection: shop, object: orders, matchOn: email }
mapping: { email: number }
`,
    },
    'orders',
  );
  const run = await RunDriver.start(steps.ledger, { scope: steps.scope, now: Date.now() - 60_000, definitionHash: steps.hash });
  await run.stage([changed('1', { kind: 'create' })], { targetScope: 'acme/dev/shop/orders' });
  await run.settle(await run.mustClaim(), ({ id }) => written(id, { created: true, targetId: 't1' }));
  await run.close();
  const ref = { project: 'acme', profile: 'dev', sync: 'orders' };
  const compare = async (id: string) =>
    new MockActivityEnvironment().run(() => reconcile(steps.dependencies, { budget: new ComparingBudget(), places: new ListPlaces() }, { ref, id }));
  await compare('d_1');
  await steps.ledger.stageRepairs({
    runId: run.id,
    reconciliationId: 'd_1',
    targetScope: 'acme/dev/shop/orders',
    kinds: { missing: 'create', changed: 'update' },
    isSealed: false,
    at: run.tick(),
  });
  await run.end('failed');
  return { ...steps, compare };
}

it('what a run was to tell the target again is compared by the next comparison', { timeout: 30_000 }, async (context) => {
  const { ledger, compare } = await toldAgain(context);
  await compare('d_2');
  assert.deepEqual(
    (await ledger.listFindings('d_2', { limit: 9 })).map(({ kind, key }) => [kind, key]),
    [['missing', '1']],
  );
});

it('it is tried again by a later run where the source can be asked for it, and not made up where it cannot', { timeout: 30_000 }, async (context) => {
  const { ledger, scope } = await toldAgain(context);
  const list: Source = { readPage: () => Promise.reject(new Error('not asked for a list')) };
  const query = { scope, afterKey: '', due: { at: Date.now(), mappingHash: 'mapping' }, now: Date.now, signal: new AbortController().signal };
  const read = async (source: Source) => (await readRetries(ledger, source, query)).page;
  const { records, gone } = await read({ ...list, readOne: async (key) => ({ key, fields: { number: 'as it is now' } }) });
  assert.deepEqual([records, gone], [[{ key: '1', fields: { number: 'as it is now' } }], []]);
  const left = await read(list);
  assert.deepEqual([left.records, left.gone], [[], []]);
  assert.deepEqual((await read({ ...list, readOne: async () => undefined })).gone, ['1']);
});

it('it is as good as told where the source tells that it is deleted: it is not to return', { timeout: 30_000 }, async (context) => {
  const { ledger, scope } = await toldAgain(context);
  const list = { readPage: () => Promise.reject(new Error('not asked for a list')) };
  const readDeleted = async () => ({ keys: ['1', 'never seen'], next: undefined, observedAt: 1, bytes: 0 });
  const reader = new DeletedReader({ ledger, scope, window: {}, readDeleted, list });
  assert.deepEqual((await reader.readPage(undefined, new AbortController().signal)).gone, ['1']);
});
