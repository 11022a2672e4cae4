import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { z } from 'zod';
import { fixedSentence } from '../../activities/fixed-sentence.ts';
import { type Program, stopProgram } from '../../scripts/demo/programs.ts';
import { startTemporalServer, type TemporalServer } from '../../worker/temporal-server/start-temporal-server.ts';
import { finished, Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { until } from '../support/until.ts';

const [A = '', B = ''] = ['a', 'b'].map((id) => `2026${id}:${randomBytes(32).toString('base64')}`);
const payloadSchema = z.object({ metadata: z.record(z.string(), z.instanceof(Uint8Array)), data: z.instanceof(Uint8Array).nullish() });
const REFUSED = fixedSentence('CREDENTIALS_REJECTED');

describe('payloads that are encrypted', () => {
  let folder: string;
  let server: TemporalServer;
  let client: Client;
  let api: SmallApi;
  let project: Project;
  let worker: Program;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'syncline-payloads-'));
    server = await startTemporalServer({ directory: folder, port: 0, uiPort: 0, env: process.env, onProgress: () => undefined });
    client = new Client({ connection: await Connection.connect({ address: server.address }) });
    api = await SmallApi.start(120);
    project = await Project.create(smallProject(api.url), { TEMPORAL_ADDRESS: server.address, SYNCLINE_PAYLOAD_KEYS: A });
    worker = await project.startWorker();
  });
  after(async () => {
    await project.stop();
    await api.stop();
    await client.connection.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** @returns the run's id */
  const run = async (...args: string[]) => {
    const { stdout, stderr } = await project.cli('run', 'people', '--yes', '--json', ...args);
    return /r_[0-9a-z]{10}/.exec(stdout + stderr)?.[0] ?? '';
  };

  /** All that the server has written to its disk. */
  const onDisk = () => {
    // Its journal comes and goes with each transaction.
    const files = readdirSync(folder).filter((name) => name.startsWith('temporal.db') && !name.endsWith('-journal'));
    return files.map((name) => readFileSync(join(folder, name), 'latin1')).join('');
  };

  /** Every payload of the latest run, wherever it is in the history. */
  const payloads = async () => {
    const workflowId = `sync/e2e-${project.directory.slice(-6).toLowerCase()}/dev/people`;
    return payloadsIn((await client.workflow.getHandle(workflowId).fetchHistory()).events);
  };

  it('leave nothing readable with the server: neither inputs, summaries and results, nor failures', async () => {
    const good = await run();
    const found = await payloads();
    assert.ok(found.length > 10, `${found.length} payloads`);
    // Search attributes are what the server searches by.
    assert.ok(found.every((payload) => keyOf(payload) === '2026a' || payload.metadata['type'] !== undefined));
    api.admit = () => ({ status: 401, body: {} });
    const refused = await run('--full');
    api.admit = () => undefined;
    assert.match((await project.cli('show', refused)).stdout, /refused the credentials/);
    await client.workflow.start('nobodyTakesThis', { workflowId: 'plain', taskQueue: 'empty', args: ['what was not encrypted'] });
    const disk = onDisk();
    assert.ok(disk.includes('what was not encrypted'), 'the files are looked through');
    assert.ok(!disk.includes(good) && !disk.includes(refused), 'they have the id of a run');
    assert.ok(disk.includes('Encoded failure') && !disk.includes(REFUSED), 'they have why a run failed');
  });

  it('are read by whoever has the keys: the codec endpoint gives the Web UI what the history has', async () => {
    const runId = await run();
    const encrypted = (await payloads()).filter((payload) => keyOf(payload) !== undefined);
    const codec = project.spawnCli('codec', '--port', '0', '--json');
    const ended = finished(codec);
    const [line] = await once(codec.stdout ?? codec, 'data');
    const { url } = z.object({ url: z.string() }).parse(JSON.parse(String(line)));
    const body = JSON.stringify({ payloads: encrypted.map(asJson) });
    const answer = await fetch(`${url}/decode`, { method: 'POST', body, headers: { origin: 'http://127.0.0.1:8233', 'content-type': 'application/json' } });
    const decoded = z.object({ payloads: z.array(z.object({ data: z.string() })) }).parse(await answer.json());
    const texts = decoded.payloads.map(({ data }) => Buffer.from(data, 'base64').toString());
    assert.equal(texts.length, encrypted.length);
    assert.ok(texts.some((text) => text.includes(`"runId":"${runId}"`)) && texts.some((text) => text.includes('small people')), texts.join('\n'));
    codec.kill('SIGTERM');
    assert.equal((await ended).code, 0);
  });

  it('of a schedule are compared with the keys, and without them it is said which one is lacking', async () => {
    const { SYNCLINE_PAYLOAD_KEYS: keys = '' } = project.env;
    project.edit('syncs/people.yaml', (text) => `${text}schedule: { every: 1d }\n`);
    assert.match((await project.cli('schedule', 'apply', '--yes')).stdout, /✓ 1 schedule changed/);
    assert.match((await project.cli('schedule', 'apply', '--yes')).stdout, /^= people {2}every 1d, as it is\n$/);
    Object.assign(project.env, { SYNCLINE_PAYLOAD_KEYS: '' });
    const without = await project.cli('schedule', 'list');
    assert.equal(without.code, 3);
    assert.equal(
      without.stderr,
      '✗ What Temporal keeps was encrypted with the key "2026a", and that is not in SYNCLINE_PAYLOAD_KEYS, which is not set here. Give this process the same keys as the others.\n',
    );
    const none = await project.cli('codec');
    assert.deepEqual([none.code, none.stderr], [3, '✗ SYNCLINE_PAYLOAD_KEYS is not set: there is nothing to read with.\n']);
    Object.assign(project.env, { SYNCLINE_PAYLOAD_KEYS: keys });
  });

  it('outlive a change of keys: a run that began under the old one goes on under the new', async () => {
    let asked = 0;
    api.admit = () => {
      asked += 1;
      return { status: 429, headers: { 'retry-after': '2' } };
    };
    const runId = await run('--detach', '--full');
    await until('the source to be asked', () => asked > 0);
    await stopProgram(worker);
    Object.assign(project.env, { SYNCLINE_PAYLOAD_KEYS: `${B},${A}` });
    api.admit = () => undefined;
    await project.startWorker();
    await until('the run to end', async () => /completed/.test((await project.cli('show', runId)).stdout));
    const keys = new Set((await payloads()).map(keyOf));
    assert.ok(keys.has('2026a') && keys.has('2026b'), [...keys].join());
  });
});

function payloadsIn(value: unknown): readonly z.output<typeof payloadSchema>[] {
  const payload = payloadSchema.safeParse(value);
  if (payload.success) return [payload.data];
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(payloadsIn);
}

function keyOf({ metadata }: z.output<typeof payloadSchema>): string | undefined {
  const id = metadata['encryption-key-id'];
  return id === undefined ? undefined : Buffer.from(id).toString();
}

function asJson({ metadata, data }: z.output<typeof payloadSchema>) {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return { metadata: Object.fromEntries(Object.entries(metadata).map(([name, bytes]) => [name, base64(bytes)])), data: base64(data ?? new Uint8Array()) };
}
