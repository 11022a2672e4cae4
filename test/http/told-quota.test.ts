import assert from 'node:assert/strict';
import { it } from 'node:test';
import { compileQuotaHeader } from '../../http/quota-header.ts';
import { ToldQuota } from '../../http/told-quota.ts';
import { failure } from './expect-error.ts';
import { json, open, serve } from './local-server.ts';

const DAY_MS = 86_400_000;
const salesforce = { header: 'Sforce-Limit-Info', format: 'api-usage={used}/{count}', perMs: DAY_MS };

it('a header tells a quota wherever in it the format is found, and nothing that only ends like it', () => {
  const read = compileQuotaHeader(salesforce);
  const told = (text: string) => read({ 'sforce-limit-info': text });
  assert.deepEqual(told('api-usage=18/5000'), { left: 4_982, count: 5_000, perMs: DAY_MS });
  assert.deepEqual(told('per-app-api-usage=17/250(appName=sample-connected-app); api-usage=25/5000'), { left: 4_975, count: 5_000, perMs: DAY_MS });
  assert.deepEqual(told('api-usage=110018/100000; api-bursts=1/750')?.left, -10_018);
  assert.equal(told('per-app-api-usage=17/250(appName=sample-connected-app)'), undefined);
  assert.equal(read({}), undefined);
  const left = compileQuotaHeader({ header: 'X-Left', format: '{remaining}', perMs: DAY_MS });
  assert.deepEqual(left({ 'x-left': '7' }), { left: 7, count: undefined, perMs: DAY_MS });
});

it('the last requests go one by one, and where no answer comes, one looks', () => {
  const quota = new ToldQuota();
  assert.equal(quota.waitMs(0), 0);
  quota.learn({ left: 2, count: 100, perMs: DAY_MS }, 0);
  assert.deepEqual(quota.use, { count: 100, perMs: DAY_MS, used: 98, isOfAll: true });
  quota.take(10);
  assert.equal(quota.waitMs(10), 0);
  quota.take(20);
  assert.equal(quota.waitMs(20), 1_000);
  quota.undo();
  assert.equal(quota.waitMs(20), 0);
  quota.take(30);
  quota.learn({ left: 2, count: 100, perMs: DAY_MS }, 10);
  assert.equal(quota.waitMs(40), 0, 'the answer to the first does not know of the second');
  quota.learn({ left: 0, count: 100, perMs: DAY_MS }, 30);
  assert.equal(quota.waitMs(50), 0, 'the limiter pauses; who goes then looks');
  quota.take(60);
  assert.equal(quota.waitMs(60), 1_000);
});

it('when an answer says that nothing is left, nobody asks for a quarter of an hour of a day', async (context) => {
  const server = await serve(context, (_request, response) => json(response, {}, 200, { 'sforce-limit-info': 'api-usage=5000/5000' }));
  const client = open(context, server.url, { limits: { quota: salesforce } });
  const read = { method: 'GET', path: '/', repeat: 'read' } as const;
  await client.send(read);
  const spent = await failure('QUOTA_SPENT', client.send(read));
  assert.ok(typeof spent.retry === 'object' && spent.retry.afterMs > 890_000 && spent.retry.afterMs <= 900_000);
  assert.equal(server.received.length, 1);
});
