import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { fetchLookups } from '../../activities/fetch-lookups.ts';
import { ListPlaces } from '../../activities/list-places.ts';
import { beginRun, beginSteps } from '../crash/steps-by-hand.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';

/** Longer than an attempt holds its slot for. */
const WAIT_MS = 6_000;
const SILENT = new DefaultLogger('ERROR', () => undefined);
const OWNERS = `  owners:
    list: { get: /owners, records: $, page: { type: keyset, key: id, param: after } }
`;
const LOOKUPS = `lookups:
  owner: { from: { connection: small, object: owners }, where: { mail: mail }, return: id }
`;

/** A run whose lookup table has an owner on each of three pages. */
async function begin(context: TestContext, isAsking: () => boolean, lookups = LOOKUPS) {
  const api = await SmallApi.start(0);
  context.after(() => api.stop());
  const asked: number[] = [];
  api.admit = ({ url = '' }) => {
    if (isAsking()) return { status: 429, headers: { 'retry-after': `${WAIT_MS / 1_000}` } };
    const after = Number(new URL(url, api.url).searchParams.get('after') ?? 0);
    asked.push(after);
    return { status: 200, body: after === 3 ? [] : [{ id: after + 1, mail: `p${after}@example.test` }] };
  };
  const { 'connections/small.yaml': connection = '', 'syncs/people.yaml': sync = '' } = smallProject(api.url);
  const files = { 'syncline.yaml': 'name: acme\n', 'connections/small.yaml': connection + OWNERS, 'syncs/people.yaml': sync + lookups };
  const { dependencies, ledger, scope, hash } = await beginSteps(context, files, 'people');
  await beginRun(ledger, { id: 'r_1', scope, hash });
  const places = new ListPlaces();
  const draining = new AbortController();
  const steps = { ...dependencies, draining: draining.signal };
  const attempt = () => new MockActivityEnvironment(undefined, { logger: SILENT }).run(() => fetchLookups(steps, places, { runId: 'r_1' }));
  return { asked, attempt, draining };
}

test('a lookup table that is larger than what the API answers before it asks to wait is read on after the wait', async (context) => {
  let left = 2;
  const { asked, attempt } = await begin(context, () => left-- === 0);
  await assert.rejects(attempt(), { code: 'RATE_LIMITED' });
  assert.deepEqual(asked, [0, 1]);
  left = 2;
  await sleep(WAIT_MS);
  assert.deepEqual(await attempt(), { entries: { owner: 3 } });
  assert.deepEqual(asked, [0, 1, 2, 3]);
});

test('a worker that shuts down asks for no further page of a lookup table', async (context) => {
  const { asked, attempt, draining } = await begin(context, () => {
    draining.abort();
    return false;
  });
  await assert.rejects(attempt(), { code: 'SYSTEM_UNAVAILABLE', message: 'The worker is shutting down; another one goes on.' });
  assert.deepEqual(asked, [0]);
});

test('a record of a lookup table on which an expression fails is not in the table, and stops no other', async (context) => {
  const failing = LOOKUPS.replace('return: id', `return: "$number(id = 2 ? 'two' : id)"`);
  const { attempt } = await begin(context, () => false, failing);
  assert.deepEqual(await attempt(), { entries: { owner: 2 } });
});
