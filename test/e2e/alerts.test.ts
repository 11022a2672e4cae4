import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { z } from 'zod';
import { alertsWorkflowId, syncWorkflowId, watchId } from '../../engine/ids.ts';
import { json, type LocalServer, serve } from '../http/local-server.ts';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { until } from '../support/until.ts';

const DYING_WORKER = fileURLToPath(new URL('../support/dying-worker.ts', import.meta.url));
const incidentsSchema = z.object({ incidents: z.array(z.object({ sync: z.string(), rule: z.string(), run: z.string(), told: z.array(z.string()) })) });
const noticeSchema = z.object({ event: z.string(), incident: z.string(), run: z.string().optional(), text: z.string() });

interface Stage {
  readonly api: SmallApi;
  readonly receiver: LocalServer;
  readonly project: Project;
  /** What a channel was told, in its order. */
  told(path: string): readonly string[];
}

/** A sync with alerts to two channels, which a receiver on loopback takes. */
async function stage(context: TestContext): Promise<Stage> {
  const api = await SmallApi.start(5);
  const receiver = await serve(context, (request, response) => json(response, { status: 'success' }, request.url === '/v2/enqueue' ? 202 : 200));
  const alerts = 'alerts: [{ on: run-failed, notify: [ops, pager] }]';
  const project = await Project.create(smallProject(api.url, { sync: alerts }), {
    OPS_URL: `${receiver.url}/ops-secret-path`,
    PAGER_KEY: 'pager-key-that-is-secret',
  });
  context.after(async () => {
    await project.stop();
    await api.stop();
  });
  project.edit(
    'syncline.yaml',
    (text) => `${text}channels:
  ops: { type: webhook, url: "\${secret:OPS_URL}" }
  pager: { type: pagerduty, key: "\${secret:PAGER_KEY}", url: ${receiver.url}/v2/enqueue }
`,
  );
  const told = (path: string) => receiver.received.filter(({ url }) => url === path).map(({ body }) => body);
  return { api, receiver, project, told };
}

const refuse = (api: SmallApi) => (api.admit = () => ({ status: 401 }));
const letIn = (api: SmallApi) => (api.admit = () => undefined);

describe('alerts', { concurrency: 2 }, () => {
  test('a sync that fails twice alerts once, its next good run says so once, and that none follows is told without any', async (context) => {
    const { api, project, told } = await stage(context);
    const { project: name } = z.object({ project: z.string() }).parse((await project.startWorker()).ready);
    const connection = await Connection.connect({ address: project.env['TEMPORAL_ADDRESS'] ?? '' });
    context.after(() => connection.close());
    const { workflow } = new Client({ connection });
    const ids = [syncWorkflowId({ project: name, profile: 'dev', sync: 'people' }), alertsWorkflowId(name, 'dev')];
    const isOver = async (id: string) => (await workflow.getHandle(id).describe()).status.name !== 'RUNNING';
    /** The command line has its answer once the books are closed: alerts come after it. */
    const run = async () => {
      const { code } = await project.cli('run', 'people', '--yes');
      for (const id of ids) await until(`${id} to end`, () => isOver(id));
      return code;
    };
    const events = () => told('/ops-secret-path').map((body) => noticeSchema.parse(JSON.parse(body)).event);
    refuse(api);
    assert.deepEqual([await run(), events()], [6, ['opened']]);
    assert.deepEqual([await run(), events()], [6, ['opened']]);
    const listed = await project.cli('alerts', 'list', '--json');
    assert.deepEqual(
      incidentsSchema.parse(JSON.parse(listed.stdout)).incidents.map(({ sync, rule, told: to }) => [sync, rule, to]),
      [['people', 'run-failed', ['ops', 'pager']]],
    );
    letIn(api);
    assert.deepEqual([await run(), await run(), events()], [0, 0, ['opened', 'resolved']]);
    assert.match((await project.cli('alerts', 'list')).stdout, /^✓ Nothing is wrong on dev by the alert rules\.\n$/);

    const [opened, resolved] = told('/ops-secret-path').map((body) => noticeSchema.parse(JSON.parse(body)));
    assert.equal(opened?.incident, resolved?.incident);
    const who = String.raw`people \(e2e-\w+, dev\)`;
    const show = String.raw`syncline show (r_\w+) --profile dev`;
    const said = String.raw`^${who}: Its run failed \(CREDENTIALS_REJECTED\): An API refused the credentials\. Since [-\d]+ [:\d]+ UTC, run r_\w+\. Next: ${show}$`;
    assert.match(opened?.text ?? '', new RegExp(said));
    assert.match(
      resolved?.text ?? '',
      new RegExp(String.raw`^${who}: run-failed is over since .+ UTC, as run r_\w+ went well\. It began at .+ UTC\. See: ${show}$`),
    );
    const pager = told('/v2/enqueue').map((body) => z.object({ event_action: z.string(), dedup_key: z.string() }).parse(JSON.parse(body)));
    assert.deepEqual(
      pager.map(({ event_action: action }) => action),
      ['trigger', 'resolve'],
    );
    assert.equal(pager[0]?.dedup_key, pager[1]?.dedup_key);

    project.edit('syncs/people.yaml', (text) => text.replace('run-failed, notify: [ops, pager]', 'no-success, for: 1s, notify: [ops]'));
    const applied = await project.cli('schedule', 'apply', '--yes');
    assert.match(applied.stdout, /^\+ \(alerts\) {2}every 1m\n\n✓ 1 schedule changed\n$/, applied.stderr);
    await new Client({ connection }).schedule.getHandle(watchId(name, 'dev')).trigger();
    await until('the watch to tell', () => events().length > 2);
    assert.match(told('/ops-secret-path').at(-1) ?? '', /No run of it has gone well since .+, for longer than 1s\./);
  });

  test('a worker that is killed between a failed run and its alert leaves it to the next: it still comes, once', async (context) => {
    const { api, project, told, receiver } = await stage(context);
    refuse(api);
    const worker = await project.startProgram('dying worker', DYING_WORKER, [project.directory, 'openIncident']);
    const died = new Promise((resolve) => worker.child.once('exit', (_, signal) => resolve(signal)));
    const run = project.cli('run', 'people', '--yes');
    assert.equal(await died, 'SIGKILL');
    assert.equal(receiver.received.length, 0);
    await project.startWorker();
    await until('the alert', () => told('/ops-secret-path').length > 0 && told('/v2/enqueue').length > 0);
    assert.equal((await run).code, 6);
    assert.deepEqual([told('/ops-secret-path').length, told('/v2/enqueue').length], [1, 1]);
  });
});
