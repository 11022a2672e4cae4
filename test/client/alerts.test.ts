import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { json, serve } from '../http/local-server.ts';
import { TestProject } from './test-project.ts';

const PROJECT = `name: acme
channels:
  ops-slack: { type: slack, url: "\${secret:OPS}" }
  pager: { type: pagerduty, key: "\${secret:KEY}", url: "\${env:PAGER_URL}" }
`;
const project = new TestProject({ 'syncline.yaml': PROJECT });
const bare = new TestProject();
after(() => {
  project.remove();
  bare.remove();
});

test('alerts test sends to each channel, says what was answered, and leaves no incident open at PagerDuty', async (context) => {
  const server = await serve(context, (request, response) =>
    request.url === '/pager' ? json(response, { status: 'success' }, 202) : void response.writeHead(404).end('no_service'),
  );
  const env = { OPS: `${server.url}/services/secret-path`, KEY: 'pager-key-that-is-secret', PAGER_URL: `${server.url}/pager` };
  const { code, stdout } = await project.cli(['alerts', 'test'], env);
  assert.equal(stdout, '✗ ops-slack  did not take it: 404 no_service\n✓ pager      took it: 202 {"status":"success"}\n');
  assert.equal(code, 5);
  const events = server.received.filter(({ url }) => url === '/pager').map(({ body }) => String(JSON.parse(body).event_action));
  assert.deepEqual(events, ['trigger', 'resolve']);
  const one = await project.cli(['alerts', 'test', 'pager', '--json'], env);
  assert.equal(one.code, 0);
  assert.deepEqual(JSON.parse(one.stdout).channels, [{ channel: 'pager', type: 'pagerduty', isTaken: true, answer: '202 {"status":"success"}' }]);
});

test('alerts of a channel that is not there, and of a project without any, is told in one sentence', async () => {
  const env = { OPS: 'x', KEY: 'y', PAGER_URL: 'https://pager.test' };
  const [unknown, none] = await Promise.all([project.cli(['alerts', 'test', 'ops-slak'], env), bare.cli(['alerts', 'test'])]);
  assert.equal(unknown.stderr, '✗ acme has no channel "ops-slak" (did you mean "ops-slack"?). It has: ops-slack, pager.\n');
  assert.equal(none.stderr, '✗ acme has no channels: describe them in syncline.yaml, under "channels".\n');
  assert.deepEqual([unknown.code, none.code], [2, 2]);
});

test('a sync is muted for a time, which the list says, the log has, and nobody does by accident', async () => {
  const muted = await project.cli(['alerts', 'mute', 'contacts-to-hubspot', '--for', '2h', '--yes']);
  assert.match(muted.stdout, /^✓ Nobody is told of contacts-to-hubspot before .+; what still holds then is told\.\n$/, muted.stderr);
  const list = JSON.parse((await project.cli(['alerts', 'list', '--json'])).stdout);
  assert.deepEqual([list.incidents, list.muted.map(({ sync }: { sync: string }) => sync)], [[], ['contacts-to-hubspot']]);
  const minutesLeft = (Date.parse(list.muted[0].until) - Date.now()) / 60_000;
  assert.ok(minutesLeft > 100 && minutesLeft <= 120, `${minutesLeft}`);
  assert.match((await project.cli(['audit'])).stdout, /alerts\.muted/);
  assert.equal((await project.cli(['alerts', 'mute', 'contacts-to-hubspot'])).code, 2);
  assert.match((await project.cli(['alerts', 'mute', '--yes'])).stderr, /Name the sync: syncline alerts mute <sync>/);
});
