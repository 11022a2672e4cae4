import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { METRICS } from '../../worker/sight/metric-catalog.ts';
import { freePort } from '../../worker/temporal-server/free-port.ts';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { until } from '../support/until.ts';
import { composeText } from './compose-file.ts';
import { findPrometheus } from './prometheus-programs.ts';
import { isExposed, readSamples, type Samples, selectorsOf } from './promql.ts';

const FOLDER = fileURLToPath(new URL('../../deploy/', import.meta.url));
const read = (file: string) => readFileSync(`${FOLDER}${file}`, 'utf8');
const rules = z
  .object({ groups: z.array(z.object({ rules: z.array(z.looseObject({ alert: z.string(), expr: z.string() })) })) })
  .parse(parse(read('prometheus/rules.yml')))
  .groups.flatMap((group) => group.rules);
const dashboardSchema = z.object({
  uid: z.string(),
  title: z.string(),
  panels: z.array(z.object({ title: z.string(), datasource: z.object({ uid: z.string() }), targets: z.array(z.object({ expr: z.string() })) })),
});
const dashboards = readdirSync(`${FOLDER}grafana/dashboards`).map((file) => dashboardSchema.parse(JSON.parse(read(`grafana/dashboards/${file}`))));
const datadog = z
  .object({ instances: z.tuple([z.object({ openmetrics_endpoint: z.string(), metrics: z.array(z.record(z.string(), z.string())) })]) })
  .parse(parse(read('datadog/openmetrics.yaml'))).instances[0];
/** What Prometheus itself says of what it scrapes. */
const OWN: Samples = [{ metric: 'up', labels: new Map([['job', 'syncline']]) }];
const programs = findPrometheus();
const skip = 'why' in programs ? programs.why : false;
const { prometheus: PROMETHEUS, promtool: PROMTOOL } = 'why' in programs ? { prometheus: '', promtool: '' } : programs;

describe('a worker with SYNCLINE_METRICS', () => {
  let api: SmallApi;
  let project: Project;
  let address: string;
  let samples: Samples;
  before(async () => {
    api = await SmallApi.start(60);
    address = `127.0.0.1:${await freePort(0)}`;
    const files = smallProject(api.url, { connection: 'limits: { requests: [{ count: 100000, per: 1d }] }' });
    const refused = (files['syncs/people.yaml'] ?? '').replace('object: contacts', 'object: notes');
    project = await Project.create({ ...files, 'syncs/refused.yaml': refused }, { SYNCLINE_METRICS: address });
    await project.startWorker();
    let isBusy = true;
    // Longer than a step waits with its slot, so that it fails and is tried again.
    api.admit = () => {
      const answer = isBusy ? { status: 429, headers: { 'retry-after': '6' } } : undefined;
      isBusy = false;
      return answer;
    };
    const good = await project.cli('run', 'people', '--yes');
    assert.equal(good.code, 0, good.stderr);
    api.refuse = () => ({ status: 401, body: {} });
    const bad = await project.cli('run', 'refused', '--yes');
    assert.equal(bad.code, 6, bad.stderr);
    // The SDK counts the end of a run when it is told that the server has it.
    await until('the failed run to be counted', async () => {
      samples = [...readSamples(await (await fetch(`http://${address}/metrics`)).text()), ...OWN];
      return samples.some(({ metric }) => metric.startsWith('temporal_workflow_failed'));
    });
  });
  after(async () => {
    await project.stop();
    await api.stop();
  });

  for (const { alert, expr } of rules) it(`exposes what the rule ${alert} looks at`, () => assertExposed(expr));
  for (const { title, panels } of dashboards) {
    for (const panel of panels)
      it(`exposes what the dashboard "${title}" shows as "${panel.title}"`, () => {
        for (const { expr } of panel.targets) assertExposed(expr.replaceAll('$sync', 'people'));
      });
  }

  it('exposes all that the Agent of Datadog collects, which is all of ours', () => {
    const collected = datadog.metrics.flatMap((metric) => Object.keys(metric));
    const exposed = new Set(samples.map(({ metric }) => metric.replace(/_(?:total|bucket)$/, '')));
    assert.deepEqual(
      collected.filter((name) => !exposed.has(name)),
      [],
    );
    const ours = Object.values(METRICS).map(({ name }) => name.replace(/_total$/, ''));
    assert.deepEqual(
      ours.filter((name) => !collected.includes(name)),
      [],
    );
    assert.match(datadog.openmetrics_endpoint, /:9464\/metrics$/);
  });

  it('keeps the port to itself: a second one says so, and ends', async () => {
    await assert.rejects(project.startWorker(), (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, new RegExp(`The metrics of the worker cannot be served at ${address} \\(SYNCLINE_METRICS\\)\\. Is the port taken`));
      return true;
    });
  });

  it('is scraped by a real Prometheus, which evaluates the rules', { skip }, async (context) => {
    const prometheus = await startPrometheus(context, address);
    await until('the worker to be scraped', async () => /"value":\[[\d.]+,"1"\]/.test(await prometheus('query?query=up%7Bjob%3D%22syncline%22%7D')));
    await until('the rules to be evaluated', async () => {
      const found = z.object({ data: z.object({ groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), health: z.string() })) })) }) });
      const told = found.parse(JSON.parse(await prometheus('rules'))).data.groups.flatMap((group) => group.rules);
      assert.deepEqual(
        told.filter(({ health }) => health === 'err'),
        [],
      );
      return told.length === rules.length && told.every(({ health }) => health === 'ok');
    });
  });

  function assertExposed(expression: string): void {
    const selectors = selectorsOf(expression);
    assert.ok(selectors.length > 0, expression);
    for (const selector of selectors) assert.ok(isExposed(selector, samples), `${JSON.stringify(selector)} of ${expression}`);
  }
});

it('what is no PromQL, or not exposed, would be told', () => {
  assert.throws(() => selectorsOf('sum(rate(temporal_request_total[5m])'), /no PromQL/);
  const samples = readSamples('temporal_request_total{operation="A"} 1\n');
  const asks = (expression: string) => selectorsOf(expression).every((selector) => isExposed(selector, samples));
  assert.deepEqual(
    [asks('temporal_request_total{operation="A"}'), asks('temporal_request_total{operation="B"}'), asks('temporal_request')],
    [true, false, false],
  );
});

const job = (name: string) => z.object({ job_name: z.literal(name), dns_sd_configs: z.tuple([z.object({ names: z.tuple([z.string()]), port: z.number() })]) });

it('Prometheus asks where the workers and the listener of docker-compose.yml serve, and Grafana asks that Prometheus', () => {
  const scrape = z
    .object({
      scrape_configs: z.tuple([job('syncline'), job('syncline-listener')]),
    })
    .parse(parse(read('prometheus/prometheus.yml')));
  const { services } = z.object({ services: z.record(z.string(), z.looseObject({})) }).parse(parse(composeText));
  for (const [index, variable] of [[0, 'SYNCLINE_METRICS'] as const, [1, 'SYNCLINE_LISTEN_METRICS'] as const]) {
    const [{ names, port }] = scrape.scrape_configs[index].dns_sd_configs;
    const { environment } = z.object({ environment: z.record(z.string(), z.string()) }).parse(services[names[0]]);
    assert.equal(environment[variable], `0.0.0.0:${port}`);
  }
  const source = z
    .object({ datasources: z.tuple([z.object({ uid: z.string(), url: z.string() })]) })
    .parse(parse(read('grafana/provisioning/datasources/prometheus.yml')));
  assert.ok(new URL(source.datasources[0].url).hostname in services);
  for (const { panels } of dashboards) for (const panel of panels) assert.equal(panel.datasource.uid, source.datasources[0].uid, panel.title);
  assert.equal(new Set(dashboards.map(({ uid }) => uid)).size, dashboards.length);
});

it('promtool takes the configuration and the rules, and the rules do what their tests say', { skip }, () => {
  for (const args of [
    ['check', 'config', 'prometheus.yml'],
    ['check', 'rules', 'rules.yml'],
    ['test', 'rules', 'rules.test.yml'],
  ]) {
    const { status, stdout, stderr } = spawnSync(PROMTOOL, args, { cwd: `${FOLDER}prometheus`, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  }
});

/** With our files, but for where the workers are and how often it looks. @returns what its API answers */
async function startPrometheus(context: TestContext, worker: string): Promise<(path: string) => Promise<string>> {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-prometheus-'));
  const config = read('prometheus/prometheus.yml')
    .replaceAll('15s', '1s')
    .replace(/dns_sd_configs:[\s\S]*$/, `static_configs: [{ targets: ["${worker}"] }]\n`);
  writeFileSync(join(folder, 'prometheus.yml'), config);
  writeFileSync(join(folder, 'rules.yml'), read('prometheus/rules.yml').replace('name: syncline', 'name: syncline\n    interval: 1s'));
  const address = `127.0.0.1:${await freePort(0)}`;
  const child = spawn(PROMETHEUS, ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=${address}`], {
    cwd: folder,
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  context.after(async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  return async (path) => {
    const answer = await fetch(`http://${address}/api/v1/${path}`).catch(() => undefined);
    return (await answer?.text()) ?? '{"data":{"groups":[]}}';
  };
}
