import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { ComparingBudget } from '../../activities/comparing-budget.ts';
import { ListPlaces } from '../../activities/list-places.ts';
import { reconcile } from '../../activities/reconcile.ts';
import { beginSteps } from '../crash/steps-by-hand.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';

/** Longer than an attempt holds its slot for. */
const WAIT_MS = 6_000;
const SILENT = new DefaultLogger('ERROR', () => undefined);
const CONTACTS = `  contacts:
    primaryKey: id
    list: { get: /contacts, records: $, page: { type: keyset, key: id, param: after } }
    search: { post: /search, body: { emails: "{keys}" }, records: data }
    delete: { delete: "/contacts/{id}", max: 1 }
`;
const EXTRAS = 6_000;
const PAGE = 1_000;

/** A target with records that no sync wrote, which asks to wait once in the middle of its list. */
async function begin(context: TestContext) {
  const api = await SmallApi.start(0);
  context.after(() => api.stop());
  const asked: number[] = [];
  let isAsking = true;
  api.admit = ({ url = '' }) => {
    const after = Number(new URL(url, api.url).searchParams.get('after') ?? 0);
    if (after === EXTRAS - PAGE && isAsking) {
      isAsking = false;
      return { status: 429, headers: { 'retry-after': `${WAIT_MS / 1_000}` } };
    }
    asked.push(after);
    const page = Array.from({ length: Math.min(PAGE, EXTRAS - after) }, (_, index) => ({
      id: after + index + 1,
      email: `theirs${after + index}@example.test`,
    }));
    return { status: 200, body: page };
  };
  const { 'connections/small.yaml': connection = '', 'syncs/people.yaml': sync = '' } = smallProject(api.url);
  const files = {
    'syncline.yaml': 'name: acme\n',
    'connections/small.yaml': connection.replace('  contacts:\n', CONTACTS),
    'syncs/people.yaml': sync.replace('matchOn: email', 'matchOn: email, mode: mirror'),
  };
  const { dependencies } = await beginSteps(context, files, 'people');
  const input = { ref: { project: 'acme', profile: 'dev', sync: 'people' }, id: 'd_1' };
  const budget = new ComparingBudget();
  const attempt = (places: ListPlaces, isOfCounts = false) =>
    new MockActivityEnvironment(undefined, { logger: SILENT }).run(() => reconcile(dependencies, { budget, places }, { ...input, isOfCounts }));
  return { asked, attempt };
}

const FOUND = { checked: 0, found: { missing: 0, changed: 0, duplicated: 0, extra: EXTRAS, stale: 0 } };
const BEFORE = Array.from({ length: EXTRAS / PAGE - 1 }, (_, page) => page * PAGE);

test('what no sync wrote is told once, though the process began anew in the middle of its list', async (context) => {
  const { attempt } = await begin(context);
  await assert.rejects(attempt(new ListPlaces()), { code: 'RATE_LIMITED' });
  await sleep(WAIT_MS);
  assert.deepEqual(await attempt(new ListPlaces()), FOUND);
});

test('a list that is larger than what the API answers before it asks to wait is read on after the wait', async (context) => {
  const { asked, attempt } = await begin(context);
  const places = new ListPlaces();
  await assert.rejects(attempt(places), { code: 'RATE_LIMITED' });
  assert.deepEqual(asked, BEFORE);
  await sleep(WAIT_MS);
  assert.deepEqual(await attempt(places), FOUND);
  assert.deepEqual(asked.slice(BEFORE.length, BEFORE.length + 1), [EXTRAS - PAGE]);
});

test('so is one that is counted', async (context) => {
  const { asked, attempt } = await begin(context);
  const places = new ListPlaces();
  await assert.rejects(attempt(places, true), { code: 'RATE_LIMITED' });
  await sleep(WAIT_MS);
  const counted = await attempt(places, true);
  assert.deepEqual(Object(counted).fewer, 0, 'it was told of none');
  assert.equal(asked.filter((after) => after === 0).length, 1);
});
