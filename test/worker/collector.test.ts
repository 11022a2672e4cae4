import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freePort } from '../../worker/temporal-server/free-port.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { until } from '../support/until.ts';
import { ensureCollector, isCollectorBuilt } from './collector-program.ts';

const isWanted = process.env['SYNCLINE_TEST_LONG'] === '1' || isCollectorBuilt();
const skip = isWanted ? false : "OpenTelemetry's collector is not built (npm run test:long builds it)";

test("OpenTelemetry's own collector takes the traces of a worker, and hands them on whole", { skip }, async (context) => {
  const [api, behind] = [await SmallApi.start(60), await OtlpReceiver.start()];
  context.after(() => Promise.all([api.stop(), behind.stop()]));
  const url = await startCollector(context, behind.url);
  const project = await Project.create(smallProject(api.url), { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: '200' });
  context.after(() => project.stop());
  await project.startWorker();
  const { code, stderr } = await project.cli('run', 'people', '--yes');
  assert.equal(code, 0, stderr);
  await until('the trace of the run to come out', () => behind.spans.some(({ name }) => name === 'run people'));
  const run = behind.spans.find(({ name }) => name === 'run people');
  const steps = behind.spans.filter(({ parentSpanId }) => parentSpanId === run?.spanId).map(({ name }) => name);
  for (const name of ['planRun', 'pageSource', 'writeBatches', 'settleRun']) assert.ok(steps.includes(name), `${name} among ${steps.join(', ')}`);
  assert.equal(run?.attributes['syncline.run.written'], '60');
  assert.deepEqual([...behind.services], ['syncline-worker']);
});

/** @param to where it sends what it takes. @returns where it listens */
async function startCollector(context: TestContext, to: string): Promise<string> {
  const program = await ensureCollector();
  const folder = mkdtempSync(join(tmpdir(), 'syncline-collector-'));
  const port = await freePort(0);
  const settings = {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: { otlphttp: { endpoint: to, compression: 'none' } },
    service: { pipelines: { traces: { receivers: ['otlp'], exporters: ['otlphttp'] } }, telemetry: { metrics: { level: 'none' } } },
  };
  writeFileSync(join(folder, 'collector.yaml'), JSON.stringify(settings));
  const child = spawn(program, ['--config', join(folder, 'collector.yaml')], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  context.after(async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  await until('the collector to listen', () => accepts(port));
  return `http://127.0.0.1:${port}`;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
