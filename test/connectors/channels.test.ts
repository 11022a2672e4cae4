import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openChannels } from '../../connectors/channels/open-channels.ts';
import type { Channel } from '../../definition/schema/channels.ts';
import { SyncError } from '../../engine/errors.ts';
import { type Notice, noticeText } from '../../engine/notice.ts';
import { type Answer, type LocalServer, serve } from '../http/local-server.ts';

const AT = Date.UTC(2026, 0, 31, 9, 5, 7);
const OPENED: Notice = {
  ...{
    project: 'acme',
    profile: 'prod',
    sync: 'contacts_to_crm',
    event: 'opened',
    incident: 'i_1',
    rule: 'run-finished: rejected > 1 & read < 9',
    runId: 'r_1',
  },
  ...{ at: AT, since: AT, what: 'Of its run "rejected > 1 & read < 9" is true.' },
};
const RESOLVED: Notice = { ...OPENED, event: 'resolved', runId: 'r_2', at: AT + 60_000 };
const KEY = 'key-that-is-secret';

/** A receiver, and what sends to it: its address is the secret, as it is with Slack and Teams. */
async function receive(context: TestContext, answer: Answer, timeoutMs = 60_000) {
  const server = await serve(context, answer);
  const secrets: Readonly<Record<string, string>> = { '${secret:URL}': `${server.url}/hooks/T0/B0/secret-path`, '${secret:KEY}': KEY };
  const channels = openChannels({ resolveSecrets: (value) => secrets[String(value)] ?? value, timeoutMs });
  return { server, send: (channel: Channel, notice = OPENED) => channels.send(channel, notice) };
}

const saying =
  (status: number, text: string): Answer =>
  (_, response) =>
    void response.writeHead(status).end(text);

function received(server: LocalServer): readonly unknown[] {
  for (const { method, headers } of server.received) {
    assert.equal(method, 'POST');
    assert.equal(headers['content-type'], 'application/json');
    assert.match(headers['user-agent'] ?? '', /^syncline\//);
  }
  return server.received.map(({ body }): unknown => JSON.parse(body));
}

test('Slack gets a text in which its three special characters are escaped', async (context) => {
  const { server, send } = await receive(context, saying(200, 'ok'));
  const answer = await send({ type: 'slack', url: '${secret:URL}' });
  assert.deepEqual(answer, { isTaken: true, isWorthRepeating: false, said: '200 ok' });
  await send({ type: 'slack', url: '${secret:URL}' }, RESOLVED);
  const [begin, end] = [OPENED, RESOLVED].map((notice) => noticeText(notice).replace('&', '&amp;').replace('>', '&gt;').replace('<', '&lt;'));
  assert.match(begin ?? '', /rejected &gt; 1 &amp; read &lt; 9/);
  assert.deepEqual(received(server), [{ text: `:red_circle: ${begin}` }, { text: `:large_green_circle: ${end}` }]);
  assert.equal(server.received[0]?.url, '/hooks/T0/B0/secret-path');
});

test('Teams gets a message with one adaptive card, whose Markdown leaves names as they are', async (context) => {
  const { server, send } = await receive(context, saying(202, ''));
  assert.deepEqual(await send({ type: 'teams', url: '${secret:URL}' }), { isTaken: true, isWorthRepeating: false, said: '202' });
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      { type: 'TextBlock', text: 'contacts\\_to\\_crm needs a look', weight: 'Bolder', size: 'Medium', color: 'Attention', wrap: true },
      { type: 'TextBlock', text: noticeText(OPENED).replaceAll('_', '\\_'), wrap: true },
    ],
  };
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card };
  assert.deepEqual(received(server), [{ type: 'message', attachments: [attachment] }]);
});

test('PagerDuty gets a trigger, and a resolve with the same dedup_key', async (context) => {
  const { server, send } = await receive(context, saying(202, '{"status":"success","message":"Event processed","dedup_key":"k"}'));
  const channel: Channel = { type: 'pagerduty', key: '${secret:KEY}', url: `${server.url}/v2/enqueue`, severity: 'critical' };
  assert.equal((await send(channel)).isTaken, true);
  await send(channel, RESOLVED);
  const alert = { routing_key: KEY, dedup_key: 'syncline/acme/prod/i_1' };
  const payload = {
    summary: noticeText(OPENED),
    source: 'acme/prod',
    severity: 'critical',
    timestamp: '2026-01-31T09:05:07.000Z',
    component: 'contacts_to_crm',
    class: OPENED.rule,
    custom_details: { run: 'r_1', since: '2026-01-31T09:05:07.000Z' },
  };
  assert.deepEqual(received(server), [
    { ...alert, event_action: 'trigger', client: 'Syncline', payload },
    { ...alert, event_action: 'resolve' },
  ]);
});

test('a webhook gets the facts by name, with a key by which a repetition is known', async (context) => {
  const { server, send } = await receive(context, saying(204, ''));
  await send({ type: 'webhook', url: '${secret:URL}' });
  const facts = { event: 'opened', incident: 'i_1', project: 'acme', profile: 'prod', sync: 'contacts_to_crm', rule: OPENED.rule, run: 'r_1' };
  const time = '2026-01-31T09:05:07.000Z';
  assert.deepEqual(received(server), [{ ...facts, at: time, since: time, text: noticeText(OPENED) }]);
  assert.equal(server.received[0]?.headers['idempotency-key'], 'i_1/opened');
});

test('a refusal is told with its first words and without the secret; what may pass is worth repeating', async (context) => {
  const answers = [saying(404, 'no_service'), saying(429, 'slow'), saying(503, ''), saying(301, 'moved')];
  const { send } = await receive(context, (request, response) => answers.shift()?.(request, response));
  const channel: Channel = { type: 'slack', url: '${secret:URL}' };
  const said = [await send(channel), await send(channel), await send(channel), await send(channel)];
  assert.deepEqual(
    said.map((answer) => [answer.said, answer.isTaken, answer.isWorthRepeating]),
    [
      ['404 no_service', false, false],
      ['429 slow', false, true],
      ['503', false, true],
      ['301 moved', false, false],
    ],
  );
  const echo = await receive(context, (request, response) => void response.writeHead(400).end(`unknown ${JSON.parse(request.body).routing_key}`));
  const pager = await echo.send({ type: 'pagerduty', key: '${secret:KEY}', url: `${echo.server.url}/v2/enqueue`, severity: 'error' });
  assert.deepEqual(pager, { isTaken: false, isWorthRepeating: false, said: '400 unknown •••' });
});

test('no answer, no server, no secret and an address in the clear are told without the address', async (context) => {
  const silent = await receive(context, () => undefined, 2_000);
  assert.deepEqual(await silent.send({ type: 'webhook', url: '${secret:URL}' }), { isTaken: false, isWorthRepeating: true, said: 'no answer within 2 s' });
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const address = gone.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((resolve) => gone.close(resolve));
  const sendTo = (url: string) => openChannels({ resolveSecrets: () => url }).send({ type: 'webhook', url: '${secret:URL}' }, OPENED);
  assert.deepEqual(await sendTo(`http://127.0.0.1:${port}/secret`), { isTaken: false, isWorthRepeating: true, said: 'no answer (ECONNREFUSED)' });
  assert.deepEqual(await sendTo('http://hooks.example.com/secret'), {
    isTaken: false,
    isWorthRepeating: false,
    said: 'its address is not encrypted: use https',
  });
  assert.deepEqual(await sendTo('not an address'), { isTaken: false, isWorthRepeating: false, said: 'its address is no web address' });
  const missing = new SyncError({ code: 'SECRET_MISSING', retry: 'never', message: 'The secret URL is not set.' });
  const unset = openChannels({
    resolveSecrets: () => {
      throw missing;
    },
  });
  const answer = await unset.send({ type: 'webhook', url: '${secret:URL}' }, OPENED);
  assert.deepEqual(answer, { isTaken: false, isWorthRepeating: false, said: 'The secret URL is not set.' });
});
