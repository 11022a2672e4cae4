import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { z } from 'zod';
import { openLedger } from '../../ledger/open-ledger.ts';
import { LedgerStates } from '../../worker/sight/ledger-state.ts';
import { METRICS } from '../../worker/sight/metric-catalog.ts';
import { Metrics } from '../../worker/sight/metrics.ts';
import { freePort } from '../../worker/temporal-server/free-port.ts';
import { readSamples, type Samples } from '../deployment/promql.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { until } from '../support/until.ts';

const lineSchema = z.looseObject({ msg: z.string(), pid: z.number() });
const stepLineSchema = z.object({
  project: z.string(),
  profile: z.literal('dev'),
  sync: z.literal('refused'),
  runId: z.string().regex(/^r_/),
  workflowId: z.string().regex(/^sync\//),
  workflowRunId: z.string(),
});
const attemptSchema = z.object({ activityType: z.string(), attempt: z.number() });

it('the windows of several credentials of one connection are told together, those of one account once', async () => {
  const metrics = new Metrics();
  const client = (account: string, used: number) => ({ account, connection: 'team', windows: () => [{ count: 5_000, perMs: 3_600_000, used }] });
  metrics.onOpened(client('acme/dev/team', 10));
  metrics.onOpened(client('acme/dev/team', 5));
  metrics.onOpened(client('acme/dev/team#2', 20));
  const quotas = [{ perMs: 3_600_000, used: 1_000 }];
  const accounts = [...metrics.quotaAccounts()].map((account) => ({ account, holders: [], quotas }));
  metrics.setLedgerState({ syncs: [], accounts }, Date.now());
  const told = await metrics.text();
  for (const [metric, value] of Object.entries({ limit_requests: 10_000, limit_used_requests: 35, quota_left_requests: 8_000 }))
    assert.match(told, new RegExp(`^syncline_${metric}\\{connection="team",window="3600"\\} ${value}$`, 'm'));
});

it('a ledger that does not answer is told of before Prometheus gives the worker up', async () => {
  const never = new Promise<never>(() => undefined);
  const ledger = { readStandings: () => never, countOpenEvents: () => never, readAccountUse: () => never };
  const states = new LedgerStates({ ledger, project: 'acme', profile: 'dev', syncs: () => ['people'], log: pino({ enabled: false }) });
  const beganAt = performance.now();
  assert.equal(await Promise.race([states.read(new Set()), sleep(9_000, 'nothing')]), undefined);
  assert.ok(performance.now() - beganAt < 6_000);
});

describe('a worker that is looked at', () => {
  let api: SmallApi;
  let collector: OtlpReceiver;
  let project: Project;
  let worker: Awaited<ReturnType<Project['startWorker']>>;
  let base: string;
  let text: string;
  let samples: Samples;
  const get = async (path: string, method = 'GET') => {
    const answer = await fetch(`${base}${path}`, { method });
    return { status: answer.status, text: await answer.text() };
  };
  const sampled = (metric: string, labels: Readonly<Record<string, string>>) =>
    samples.find((sample) => sample.metric === metric && Object.entries(labels).every(([name, value]) => sample.labels.get(name) === value))?.value;

  before(async () => {
    api = await SmallApi.start(60);
    collector = await OtlpReceiver.start();
    const address = `127.0.0.1:${await freePort(0)}`;
    base = `http://${address}`;
    const files = smallProject(api.url, { connection: 'limits: { requests: [{ count: 1000, per: 1s }, { count: 5000, per: 1d }] }' });
    const sync = (files['syncs/people.yaml'] ?? '').replace('type: email }', 'type: email, sensitive: true }');
    project = await Project.create(
      { ...files, 'syncs/people.yaml': sync, 'syncs/refused.yaml': sync.replace('object: contacts', 'object: notes') },
      { SYNCLINE_METRICS: address, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '200' },
    );
    project.edit('syncline.yaml', (settings) => `${settings}samples: { rate: 100% }\n`);
    worker = await project.startWorker();
    api.refuseRecord = ({ email }) => (email === 'p7@example.test' ? { status: 422, message: `${email} is blocked` } : undefined);
    const good = await project.cli('run', 'people', '--yes');
    assert.equal(good.code, 0, good.stderr);
    api.refuse = () => ({ status: 401, body: {} });
    assert.equal((await project.cli('run', 'refused', '--yes')).code, 6);
    api.refuse = () => undefined;
    text = (await get('/metrics')).text;
    samples = readSamples(text);
  });
  after(async () => {
    await project.stop();
    await api.stop();
    await collector.stop();
  });

  it('serves the metrics of ours and those of the SDK at one address, each declared once', () => {
    const declared = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
    assert.deepEqual(declared.toSorted(), [...new Set(declared)].toSorted());
    assert.deepEqual(
      Object.values(METRICS).flatMap(({ name }) => (declared.includes(name) ? [] : [name])),
      [],
    );
    assert.ok(declared.includes('temporal_workflow_completed_total') && declared.includes('process_cpu_seconds_total'));
  });

  it('counts records by what became of them, and requests by how they were answered', () => {
    const records = (operation: string, outcome: string) => sampled('syncline_records_total', { sync: 'people', operation, outcome });
    assert.deepEqual([records('upsert', 'written'), records('upsert', 'rejected')], [59, 1]);
    assert.equal(sampled('syncline_runs_total', { sync: 'people', state: 'completed-with-rejections' }), 1);
    assert.equal(sampled('syncline_runs_total', { sync: 'refused', state: 'failed' }), 1);
    assert.equal(sampled('syncline_step_failures_total', { sync: 'refused', code: 'CREDENTIALS_REJECTED', ending: 'final' }), 1);
    const requests = (method: string, status: string) => sampled('syncline_requests_total', { connection: 'small', method, status }) ?? 0;
    assert.ok(requests('GET', '2xx') >= 4 && requests('POST', '2xx') >= 2 && requests('POST', '4xx') >= 1);
    assert.ok((sampled('syncline_request_seconds_count', { connection: 'small' }) ?? 0) >= 7);
    assert.ok((sampled('syncline_request_received_bytes_sum', { connection: 'small' }) ?? 0) > 5_000);
    assert.ok((sampled('syncline_segment_seconds_count', { sync: 'people', side: 'target' }) ?? 0) >= 1);
  });

  it('says how the syncs stand, and what is left of the limits', () => {
    assert.ok((sampled('syncline_sync_lag_seconds', { sync: 'people' }) ?? -1) >= 0);
    assert.equal(sampled('syncline_sync_lag_seconds', { sync: 'refused' }), undefined);
    assert.equal(sampled('syncline_sync_refused_records', { sync: 'people', outcome: 'rejected', retry: 'given_up' }), 1);
    assert.equal(sampled('syncline_limit_requests', { connection: 'small', window: '1' }), 1_000);
    assert.equal(sampled('syncline_limit_requests', { connection: 'small', window: '86400' }), 5_000);
    const left = sampled('syncline_quota_left_requests', { connection: 'small', window: '86400' }) ?? 0;
    assert.ok(left > 4_000 && left <= 4_993, String(left));
    assert.equal(sampled('syncline_sync_webhook_events', { sync: 'people' }), 0);
    assert.deepEqual([sampled('syncline_worker_ready', {}), sampled('syncline_ledger_up', {})], [1, 1]);
  });

  it('names nobody: labels are names of definitions, and words', () => {
    assert.doesNotMatch(text, /example\.test|127\.0\.0\.1:\d+\/|r_[0-9a-z]{10}/);
  });

  it('tells the health of the process, and whether it can work, and nothing else', async () => {
    assert.deepEqual(
      [await get('/healthz'), await get('/readyz')],
      [
        { status: 200, text: 'ok\n' },
        { status: 200, text: 'ready\n' },
      ],
    );
    assert.deepEqual([(await get('/')).status, (await get('/metrics', 'POST')).status], [404, 405]);
  });

  it('writes ids on each line of its log', async () => {
    const readLines = () => readFileSync(join(project.directory, '.syncline/logs/worker.log'), 'utf8').trim().split('\n');
    // The SDK writes its lines a little later.
    await until('the end of the workflow to be logged', async () => readLines().some((line) => line.includes('Workflow failed')));
    const lines = readLines();
    const parsed = lines.map((line) => lineSchema.parse(JSON.parse(line)));
    const ofWorkflows = parsed.filter((line) => 'workflowId' in line);
    const told = ['a step failed for good', 'Activity failed', 'Workflow failed'];
    assert.deepEqual(
      ofWorkflows.map(({ msg }) => msg),
      told,
    );
    for (const line of ofWorkflows) assert.ok(stepLineSchema.safeParse(line).success, JSON.stringify(line));
    for (const line of ofWorkflows.slice(0, 2)) assert.ok(attemptSchema.safeParse(line).success, JSON.stringify(line));
    for (const line of parsed) assert.equal(line['profile'], 'dev', JSON.stringify(line));
  });

  it('keeps requests with their answers, found by record and run, and without what is sensitive', async () => {
    const ledger = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
    try {
      const name = /name: (\S+)/.exec(readFileSync(join(project.directory, 'syncline.yaml'), 'utf8'))?.[1];
      const scope = `${name}/dev/people`;
      const read = (more: object) => ledger.readSamples({ scope, limit: 100, ...more });
      await until('the samples to be kept', async () => (await read({ key: '7' })).length >= 2);
      const about7 = await read({ key: '7' });
      assert.deepEqual(about7.map(({ method, isError }) => `${method} ${isError}`).toSorted(), ['GET false', 'POST true']);
      const [post] = about7;
      assert.match(post?.sent?.text ?? '', /"email":"•••","name":"Person 7"/);
      assert.match(post?.received?.text ?? '', /"error":"••• is blocked"/);
      const all = JSON.stringify(await read({}));
      assert.doesNotMatch(all, /example\.test/);
      assert.match(all, /Person 8/);
      assert.deepEqual(
        (await read({ key: '59', errorsOnly: true })).map(({ status }) => status),
        [],
      );
      assert.equal((await ledger.readSamples({ scope: `${name}/dev/refused`, limit: 9, errorsOnly: true }))[0]?.status, 401);
    } finally {
      await ledger.close();
    }
  });

  it('tells a collector of each run in one trace: its steps, and their requests, without addresses and values', async () => {
    const { spans } = collector;
    const runSpan = (sync: string) => spans.find(({ name }) => name === `run ${sync}`);
    await until('the runs to be told', async () => runSpan('people') !== undefined && runSpan('refused') !== undefined);
    assert.deepEqual([...collector.services], ['syncline-worker']);
    const run = runSpan('people');
    assert.deepEqual(
      [run?.parentSpanId, run?.attributes['syncline.run.state'], run?.attributes['syncline.run.written']],
      ['', 'completed-with-rejections', '59'],
    );
    const inTrace = spans.filter(({ traceId }) => traceId === run?.traceId);
    const steps = inTrace.filter(({ parentSpanId }) => parentSpanId === run?.spanId);
    for (const name of ['planRun', 'pageSource', 'writeBatches', 'settleRun'])
      assert.ok(
        steps.some((step) => step.name === name),
        name,
      );
    for (const step of steps) assert.match(step.attributes['temporal.workflow.id'] ?? '', /^sync\/.*\/people$/);
    const parentOf = (method: string) => steps.find(({ spanId }) => inTrace.some((span) => span.name === method && span.parentSpanId === spanId))?.name;
    assert.deepEqual([parentOf('GET'), parentOf('POST')], ['pageSource', 'writeBatches']);
    assert.deepEqual([run?.status.code, runSpan('refused')?.status.code], [0, 2]);
    const refused = spans.filter(({ attributes }) => attributes['http.response.status_code'] === '401');
    assert.ok(refused.length >= 1);
    for (const { name, attributes, status } of refused) assert.deepEqual([name, attributes['error.type'], status.code], ['POST', '401', 2]);
    assert.doesNotMatch(JSON.stringify(spans), /example\.test|127\.0\.0\.1|contacts\/batch/);
  });

  it('is not ready while it drains, and lives', async () => {
    const gate = Promise.withResolvers<undefined>();
    let isHeld = false;
    api.admit = ({ url }) => {
      if (url?.startsWith('/people') === true) return undefined;
      isHeld = true;
      return gate.promise;
    };
    for (let id = 1; id <= 60; id++) api.change(id, `Again ${id}`, 5);
    const run = project.cli('run', 'people', '--yes', '--detach');
    await until('a write to be under way', async () => isHeld);
    worker.child.kill('SIGTERM');
    await until('the worker to drain', async () => (await get('/readyz')).text === 'draining: no new work is taken\n');
    assert.equal((await get('/healthz')).status, 200);
    assert.match((await get('/metrics')).text, /^syncline_worker_ready 0$/m);
    gate.resolve(undefined);
    await run;
  });
});
