import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { until } from '../support/until.ts';

const LISTENER = fileURLToPath(new URL('../../listener/main.ts', import.meta.url));
const TOKEN = 'api-token-that-is-secret';
const RUNS = '/v1/syncs/people/runs';
const HOOK = 'hook-token-that-is-secret';
const SIGNING = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const runSchema = z.looseObject({
  run: z.looseObject({ id: z.string(), state: z.string(), trigger: z.string(), totals: z.looseObject({ read: z.number(), written: z.number() }) }),
  isOver: z.boolean(),
  exitCode: z.number().nullable(),
  exitMeaning: z.string().nullable(),
});
const startedSchema = z.looseObject({ run: z.looseObject({ id: z.string(), state: z.string() }) });
const problemSchema = z.looseObject({ title: z.string(), status: z.number(), run: z.string().optional() });

const outcomesSchema = z.object({
  type: z.string(),
  data: z.looseObject({ trigger: z.string().optional(), outcomes: z.array(z.looseObject({ key: z.string() })).default([]) }),
});

let api: SmallApi;
let project: Project;
let url: string;
/** Messages about results, believed by their signature. */
const results: z.output<typeof outcomesSchema>[] = [];
const receiver = createServer((request, response) => {
  void text(request).then((body) => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    results.push(outcomesSchema.parse(new Webhook(SIGNING).verify(body, headers)));
    response.writeHead(204).end();
  });
});

before(async () => {
  api = await SmallApi.start(3);
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const address = receiver.address();
  const hook = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const files = smallProject(api.url, {
    connection: `webhooks:
  secrets: ["\${secret:HOOK_TOKEN}"]
  signature: { type: bearer }
  delivery: body.delivery
  each: body.people
  events: [{ object: people, key: $string(event.id), version: event.updated_at, record: event }]`,
    source: '  incremental: { cursorField: updated_at }\n  events: { read: payload }',
    sync: 'results: { to: warehouse }',
  });
  project = await Project.create(files, { API_TOKEN: TOKEN, HOOK_TOKEN: HOOK, RESULTS_URL: hook, RESULTS_SECRET: SIGNING });
  const channels = 'channels: { warehouse: { type: webhook, url: "${secret:RESULTS_URL}", secret: "${secret:RESULTS_SECRET}" } }';
  project.edit('syncline.yaml', (text) => `${text}${channels}\nlisten: { tokens: ["\${secret:API_TOKEN}"] }\n`);
  const listener = await project.startProgram('listener', LISTENER, ['--project', project.directory, '--port', '0', '--end-with-parent']);
  url = String(listener.ready['url']);
});
after(async () => {
  await project.stop();
  await api.stop();
  receiver.closeAllConnections();
  receiver.close();
});

const ask = (
  path: string,
  more: { readonly method?: string; readonly body?: string; readonly headers?: Record<string, string>; readonly token?: string } = {},
) =>
  fetch(`${url}${path}`, {
    method: more.method ?? 'GET',
    headers: { authorization: `Bearer ${more.token ?? TOKEN}`, ...more.headers },
    ...(more.body === undefined ? {} : { body: more.body }),
  });
const start = (body: object = {}, key?: string) =>
  ask(RUNS, { method: 'POST', body: JSON.stringify(body), headers: key === undefined ? {} : { 'idempotency-key': key } });

async function show(id: string) {
  const answer = await ask(`/v1/runs/${id}`);
  assert.equal(answer.status, 200);
  return runSchema.parse(await answer.json());
}

async function untilOver(id: string) {
  await until(`the end of ${id}`, async () => (await show(id)).isOver);
  return show(id);
}

describe('runs over HTTP', () => {
  it('are for who has a token, of syncs that there are, with options that there are', async () => {
    assert.equal((await ask(RUNS, { method: 'POST', token: 'another' })).status, 401);
    assert.equal((await ask('/v1/runs/r_0123456789', { token: `${TOKEN}x` })).status, 401);
    assert.equal((await ask('/v1/syncs/nobody/runs', { method: 'POST' })).status, 404);
    assert.equal((await ask('/v1/runs/r_0123456789')).status, 404);
    assert.equal((await ask(RUNS)).status, 405);
    for (const body of ['{"fulll":true}', '{"keys":[]}', '{"limit":0}', 'nonsense', '[]']) {
      const answer = await ask(RUNS, { method: 'POST', body });
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [422, 'application/problem+json'], body);
    }
  });

  it('are asked for once more while no worker is there', async () => {
    const answer = await start();
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.match(problemSchema.parse(await answer.json()).title, /No worker is running/);
  });

  it('one key is one run: at once, while it runs, and afterwards; another run is told of the one that is alive', async () => {
    await project.startWorker();
    const mayRead = Promise.withResolvers<undefined>();
    api.admit = () => mayRead.promise;
    const answers = await Promise.all([start({}, 'night-1'), start({}, 'night-1')]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [202, 202],
    );
    const [one, other] = await Promise.all(answers.map(async (answer) => startedSchema.parse(await answer.json())));
    const id = one?.run.id ?? '';
    assert.equal(other?.run.id, id);
    assert.equal(answers[0]?.headers.get('location'), `/v1/runs/${id}`);
    assert.equal(startedSchema.parse(await (await start({}, 'night-1')).json()).run.id, id);
    const conflict = await start({ full: true }, 'night-2');
    assert.deepEqual([conflict.status, problemSchema.parse(await conflict.json()).run], [409, id]);
    assert.deepEqual([(await show(id)).isOver, (await show(id)).exitCode], [false, null]);
    mayRead.resolve(undefined);
    const { run, exitCode, exitMeaning } = await untilOver(id);
    assert.deepEqual([run.state, run.totals.written, exitCode, exitMeaning], ['completed', 3, 0, 'done; rejections, if any, within the guard']);
    assert.equal(startedSchema.parse(await (await start({}, 'night-1')).json()).run.id, id);
    assert.equal((await start({ full: true }, 'night-1')).status, 422);
    const later = startedSchema.parse(await (await start({ full: true }, 'night-2')).json());
    assert.notEqual(later.run.id, id);
    assert.equal((await untilOver(later.run.id)).run.totals.read, 3);
  });

  it('take the options of the command, and are in the audit log as asked for over HTTP', async () => {
    const few = startedSchema.parse(await (await start({ limit: 2 })).json());
    const { run } = await untilOver(few.run.id);
    assert.deepEqual([run.trigger, run.totals.read], ['limit', 2]);
    const audit = await project.cli('audit', '--json');
    assert.match(audit.stdout, new RegExp(`"way": "api"[^}]*"runId": "${few.run.id}"`));
  });

  it('of a run that failed, tell the exit code of the command', async () => {
    api.admit = () => ({ status: 401 });
    const { run } = startedSchema.parse(await (await start()).json());
    const { exitCode, exitMeaning } = await untilOver(run.id);
    assert.deepEqual([exitCode, exitMeaning], [6, 'credentials refused']);
  });
});

describe('a webhook', () => {
  it('is in the target moments later, without a read of the source, and its outcome is told, signed, as that of every run', async () => {
    api.admit = (request) => (request.url?.startsWith('/people') === true ? { status: 500 } : undefined);
    const person = { id: 9, mail: 'p9@example.test', name: 'Person 9', updated_at: '2026-02-01T00:00:00.000Z' };
    const body = JSON.stringify({ delivery: 'd-1', people: [person, person] });
    const deliver = () => ask('/webhooks/small', { method: 'POST', body, token: HOOK });
    assert.deepEqual([(await deliver()).status, (await deliver()).status], [200, 200]);
    await until('the person in the target', () => api.contacts.has('p9@example.test'));
    await until('the outcome', () => results.some(({ data }) => data.outcomes.some(({ key, outcome }) => key === '9' && outcome === 'written')));
    const triggers = results.flatMap(({ type, data }) => (type === 'run.finished' ? [data.trigger] : []));
    assert.deepEqual(new Set(triggers), new Set(['manual', 'limit', 'events']));
  });

  it('leaves no token and no record in a log', () => {
    const log = readFileSync(join(project.directory, '.syncline/logs/listener.log'), 'utf8');
    assert.match(log, /a delivery was accepted/);
    for (const secret of [TOKEN, HOOK, 'p9@example.test', 'Person 9']) assert.ok(!log.includes(secret), secret);
  });
});
