import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../support/until.ts';
import { firstLine, Sandbox, spawnSandbox } from './sandbox.ts';

const CONTACTS = '/crm/v3/objects/contacts';

describe('faults', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.start('--contacts', '10');
  });
  beforeEach(() =>
    sandbox.faults('hubspot', {
      latencyMs: 0,
      errorPercent: 0,
      errorAfterPercent: 0,
      dropPercent: 0,
      rate: 100_000,
      tooManyPercent: 0,
      isDown: false,
      refusesToken: false,
    }),
  );
  after(() => sandbox.stop());

  let lastEmail = 0;
  const create = () => sandbox.hubspot(CONTACTS, 'POST', { properties: { email: `p${++lastEmail}@x.test` } });
  const held = async (): Promise<number> => (await sandbox.hubspot('/_sandbox/state')).body.counts.contacts;

  test('a 500 before is not applied, a 500 after is', async () => {
    const before = await held();
    await sandbox.faults('hubspot', { errorPercent: 100 });
    assert.equal((await create()).status, 500);
    assert.equal(await held(), before);
    await sandbox.faults('hubspot', { errorPercent: 0, errorAfterPercent: 100 });
    assert.equal((await create()).status, 500);
    assert.equal(await held(), before + 1);
    assert.equal((await sandbox.hubspot(CONTACTS)).status, 200, 'reads are not hit by what happens after a write');
  });

  test('a dropped answer is applied, and its connection cut', async () => {
    const before = await held();
    await sandbox.faults('hubspot', { dropPercent: 100 });
    await assert.rejects(create());
    assert.equal(await held(), before + 1);
    assert.ok((await sandbox.hubspot('/_sandbox/state')).body.statuses.cut >= 1);
  });

  test('more than the rate is answered 429 with Retry-After and a policy', async () => {
    await sandbox.faults('hubspot', { rate: 20, retryAfterSeconds: 2 });
    const answers = await Promise.all(Array.from({ length: 12 }, () => sandbox.hubspot(CONTACTS)));
    const refused = answers.filter((answer) => answer.status === 429);
    assert.ok(refused.length >= 6 && refused.length < 12, `${refused.length} of 12`);
    assert.equal(refused[0]?.headers.get('retry-after'), '2');
    assert.equal(refused[0]?.body.policyName, 'SECONDLY');
  });

  test('one that keeps to the rate is never refused', async () => {
    await sandbox.faults('hubspot', { rate: 50 });
    await new Promise((resolve) => setTimeout(resolve, 60)); // what the test before has used up
    for (let request = 0; request < 20; request++) {
      assert.equal((await sandbox.hubspot(CONTACTS)).status, 200);
      await new Promise((resolve) => setTimeout(resolve, 21));
    }
  });

  test('down, refusing all, refusing the token, slow', async () => {
    await sandbox.faults('hubspot', { isDown: true });
    assert.equal((await create()).status, 503);
    await sandbox.faults('hubspot', { isDown: false, refusesToken: true });
    assert.equal((await create()).status, 401);
    await sandbox.faults('hubspot', { refusesToken: false, tooManyPercent: 100 });
    assert.equal((await create()).status, 429);
    await sandbox.faults('hubspot', { tooManyPercent: 0, latencyMs: 120 });
    const start = performance.now();
    assert.equal((await create()).status, 201);
    assert.ok(performance.now() - start >= 115);
  });

  test('a fault that there is not is refused, and changes nothing', async () => {
    const answer = await sandbox.faults('hubspot', { latencyMS: 5, isDown: true });
    assert.equal(answer.status, 400);
    assert.match(answer.body.message, /latencyMS/);
    assert.equal((await sandbox.hubspot(CONTACTS)).status, 200);
  });

  test('the state counts requests by status and by endpoint, and the most that were in flight at once', async () => {
    const { body: before } = await sandbox.crm('/_sandbox/state');
    await sandbox.faults('crm', { latencyMs: 50 });
    await Promise.all(['1', '2', '3'].map((id) => sandbox.crm(`/v2/contacts/${id}`)));
    await sandbox.crm('/v2/contacts/999');
    const { body } = await sandbox.crm('/_sandbox/state');
    assert.equal(body.requests - before.requests, 4);
    assert.equal(body.endpoints['GET /v2/contacts/{id}'], 4);
    assert.deepEqual([body.statuses['200'], body.statuses['404'], body.mostInFlight, body.writes], [3, 1, 3, 0]);
  });
});

describe('the program', () => {
  test('faults can be given from the start', async (context) => {
    const sandbox = await Sandbox.start('--contacts', '3', '--owners', '2', '--error-percent', '100', '--latency-ms', '1', '--crm-token', 'other');
    context.after(() => sandbox.stop());
    const { body } = await sandbox.hubspot('/_sandbox/state');
    assert.deepEqual([body.faults.errorPercent, body.faults.latencyMs, body.counts.owners], [100, 1, 2]);
    assert.equal((await sandbox.crm('/v2/contacts')).status, 401, 'the default token');
    assert.equal((await sandbox.hubspot(CONTACTS)).status, 500);
  });

  test('a wrong flag and a taken port are one line that names them', async (context) => {
    const wrong = spawnSandbox('--contacts', 'many');
    assert.match((await firstLine(wrong)).message ?? '', /--contacts/);
    assert.match((await firstLine(spawnSandbox('--nonsense'))).message ?? '', /--nonsense/);
    const sandbox = await Sandbox.start('--contacts', '1');
    context.after(() => sandbox.stop());
    const port = new URL(sandbox.crmUrl).port;
    assert.match((await firstLine(spawnSandbox('--crm-port', port))).message ?? '', new RegExp(`Port ${port} cannot be listened on`));
  });

  test('it ends on SIGTERM, and when its stdin ends', async () => {
    const terminated = await Sandbox.start('--contacts', '1');
    terminated.child.kill('SIGTERM');
    assert.deepEqual(await once(terminated.child, 'exit'), [0, null]);
    const abandoned = await Sandbox.start('--contacts', '1');
    abandoned.child.stdin?.end();
    assert.deepEqual(await once(abandoned.child, 'exit'), [0, null]);
  });

  test('with --exit-with-parent it ends when the program that started it is killed, without a pipe between them', async () => {
    const main = fileURLToPath(new URL('../../sandbox/main.ts', import.meta.url));
    const script = `require('node:child_process').spawn(process.execPath, ${JSON.stringify([main, '--crm-port', '0', '--hubspot-port', '0', '--contacts', '1', '--exit-with-parent'])}, { stdio: ['ignore', 'inherit', 'inherit'] }); setInterval(() => {}, 1000)`;
    const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const { crm } = await firstLine(parent);
    assert.equal((await fetch(`${crm}/_sandbox/state`)).status, 200);
    parent.kill('SIGKILL');
    const answers = () =>
      fetch(`${crm}/_sandbox/state`).then(
        () => true,
        () => false,
      );
    await until('the sandbox to be gone', async () => !(await answers()));
  });

  test('it listens on loopback alone', async (context) => {
    const sandbox = await Sandbox.start('--contacts', '1');
    context.after(() => sandbox.stop());
    assert.equal(new URL(sandbox.crmUrl).hostname, '127.0.0.1');
    // What listens on all addresses answers on every address of the loopback network as well.
    await assert.rejects(fetch(sandbox.crmUrl.replace('127.0.0.1', '127.0.0.2')));
  });
});
