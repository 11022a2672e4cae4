import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import type { ResultsPlace, SendResultsResult } from '../../activities/activities.ts';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { hasResults, sendResults } from '../../activities/send-results.ts';
import { openChannels } from '../../connectors/channels/open-channels.ts';
import { loadProject } from '../../definition/load-project.ts';
import { resolveSync } from '../../definition/resolve-sync.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { makeFolder } from '../definition/make-project.ts';
import { serve } from '../http/local-server.ts';
import { changed, held, NEVER, RunDriver, rejected, unchanged, written } from '../ledger/support/run-driver.ts';
import { NO_ALERTS } from '../support/no-alerts.ts';
import { smallProject } from '../support/small-api.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const SILENT = new DefaultLogger('ERROR', () => undefined);
const SCOPE = 'acme/dev/people';
const outcomeSchema = z.strictObject({
  key: z.string(),
  outcome: z.string(),
  kind: z.string().optional(),
  targetId: z.string().optional(),
  reason: z.string().optional(),
  error: z.string().optional(),
});
const messageSchema = z.object({
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.looseObject({
    run: z.string(),
    sync: z.string(),
    outcomes: z.array(outcomeSchema).default([]),
    isLast: z.boolean().optional(),
    state: z.string().optional(),
  }),
});

interface Received {
  readonly id: string;
  readonly message: z.output<typeof messageSchema>;
}

/** A ledger with a run, and a receiver that believes only what is signed. */
async function stage(context: TestContext, outcomes: string, statuses: readonly number[] = []) {
  const received: Received[] = [];
  const answers = [...statuses];
  const server = await serve(context, ({ headers: sent, body }, response) => {
    const headers = Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, String(value)]));
    received.push({ id: headers['webhook-id'] ?? '', message: messageSchema.parse(new Webhook(SECRET).verify(body, headers)) });
    response.writeHead(answers.shift() ?? 204).end();
  });
  const env = { HOOK: server.url, SIGN: SECRET };
  const channels = 'channels: { warehouse: { type: webhook, url: "${secret:HOOK}", secret: "${secret:SIGN}" } }\n';
  const files = smallProject('http://127.0.0.1:9', { sync: `results: { to: warehouse, outcomes: ${outcomes} }` });
  const definition = resolveSync(loadProject(makeFolder(context, { 'syncline.yaml': `name: acme\n${channels}`, ...files }), { env }), 'people');
  const ledger = await openLedger({ url: 'sqlite::memory:', directory: makeFolder(context, {}), values: 'plain' });
  context.after(() => ledger.close());
  const hash = createHash('sha256').update(`${outcomes} ${randomUUID()}`).digest('hex');
  await ledger.saveDefinition(hash, SCOPE, z.json().parse(JSON.parse(JSON.stringify(definition))), 1);
  const secrets: Readonly<Record<string, string>> = { '${secret:HOOK}': server.url, '${secret:SIGN}': SECRET };
  return { ledger, hash, received, dependencies: dependenciesOf(ledger, openChannels({ resolveSecrets: (value) => secrets[String(value)] ?? value })) };
}

function dependenciesOf(ledger: Ledger, channels: ActivityDependencies['channels']): ActivityDependencies {
  const asksNobody = () => assert.fail('nobody else is asked');
  return {
    ...NO_ALERTS,
    ledger,
    channels,
    connections: { open: asksNobody, close: async () => undefined },
    loadSync: asksNobody,
    loadGraph: asksNobody,
    actor: { user: 'somebody', host: 'here', way: 'worker', project: 'acme', profile: 'dev' },
    heartbeatTimeoutMs: 3_000,
    draining: new AbortController().signal,
    log: pino({ level: 'silent' }),
    now: () => Date.now(),
    random: () => 0.5,
    makeToken: () => randomUUID(),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  };
}

async function send(dependencies: ActivityDependencies, place?: ResultsPlace): Promise<SendResultsResult> {
  let result: SendResultsResult | undefined;
  await new MockActivityEnvironment(undefined, { logger: SILENT }).run(async () => {
    result = await sendResults(dependencies, { ofRun: 'r_1', ...(place === undefined ? {} : { place }) });
  });
  return result ?? assert.fail('it did not end');
}

/** A run with so many records written, one of them refused by the target, and one each rejected and held when it was read. */
async function endRun(ledger: Ledger, hash: string, count: number): Promise<void> {
  const run = await RunDriver.start(ledger, { scope: SCOPE, definitionHash: hash });
  await run.stage([...Array.from({ length: count }, (_, n) => changed(`k${n}`)), rejected('bad'), held('waiting'), unchanged('same')]);
  const batch = await run.mustClaim({ maxRecords: count });
  await run.settle(batch, ({ id, key }) => (key === 'k0' ? { changeId: id, outcome: 'rejected', rejection: NEVER } : written(id, { targetId: `t-${key}` })));
  await run.close();
}

test('the counts of a run and the outcomes of its records are posted page by page, signed; what is not taken is sent again under the same id', async (context) => {
  const { ledger, hash, received, dependencies } = await stage(context, 'all', [200, 204, 503]);
  await endRun(ledger, hash, 700);
  const run = await ledger.readRun('r_1');
  assert.ok(run !== undefined && (await hasResults(dependencies, run)));
  const stuck = await send(dependencies);
  assert.ok(!stuck.isDone);
  assert.deepEqual([stuck.place.page, stuck.again], [2, 'soon']);
  assert.doesNotMatch(JSON.stringify(stuck), /k\d/, 'what history is given has no key');
  assert.deepEqual(await send(dependencies, stuck.place), { isDone: true });
  assert.deepEqual(
    received.map(({ id, message: { type, data } }) => [id, type, data.outcomes.length, data.isLast]),
    [
      ['msg_r_1_0', 'run.finished', 0, undefined],
      ['msg_r_1_1', 'run.outcomes', 500, false],
      ['msg_r_1_2', 'run.outcomes', 202, true],
      ['msg_r_1_2', 'run.outcomes', 202, true],
    ],
  );
  assert.deepEqual(received[2], received[3]);
  const outcomes = received.slice(0, 3).flatMap(({ message }) => message.data.outcomes);
  const of = (key: string) => outcomes.find((outcome) => outcome.key === key);
  assert.equal(new Set(outcomes.map(({ key }) => key)).size, 702);
  assert.deepEqual(of('k0'), { key: 'k0', outcome: 'rejected', kind: 'upsert', error: 'no' });
  assert.deepEqual(of('k1'), { key: 'k1', outcome: 'written', kind: 'upsert', targetId: 't-k1' });
  assert.deepEqual(of('bad'), { key: 'bad', outcome: 'rejected', error: 'email is required' });
  assert.deepEqual(of('waiting'), { key: 'waiting', outcome: 'held', reason: 'missing-reference' });
  assert.equal(of('same'), undefined);
});

test('only what failed, or the counts alone, where that is wanted; a receiver that refuses is tried again later', async (context) => {
  const failed = await stage(context, 'failed');
  await endRun(failed.ledger, failed.hash, 3);
  assert.deepEqual(await send(failed.dependencies), { isDone: true });
  assert.deepEqual(failed.received.flatMap(({ message }) => message.data.outcomes.map(({ key }) => key)).toSorted(), ['bad', 'k0', 'waiting']);
  const none = await stage(context, 'none', [410]);
  await endRun(none.ledger, none.hash, 3);
  assert.deepEqual(await send(none.dependencies), { isDone: false, place: { page: 0 }, again: 'later' });
  assert.deepEqual(await send(none.dependencies), { isDone: true });
  assert.deepEqual(
    none.received.map(({ id }) => id),
    ['msg_r_1_0', 'msg_r_1_0'],
  );
});
