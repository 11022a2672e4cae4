import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { z } from 'zod';
import { listenCommand } from '../../client/commands/listen.ts';
import { HEALTH_PATH, READY_PATH } from '../../listener/health.ts';
import { SIGHT_PATHS } from '../../worker/sight/sight-server.ts';
import { freePort } from '../../worker/temporal-server/free-port.ts';
import { temporaryDatabases } from '../support/databases.ts';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { type Container, type Manifest, readManifests, settings, workload, writeVolume } from './kubernetes-files.ts';
import { settingsThatCodeReads } from './settings-read.ts';

const makeDatabase = temporaryDatabases();
const HERE = fileURLToPath(new URL('.', import.meta.url));
const deployment = workload('worker');
const listener = workload('listener');
const job = workload('release');
const containers: readonly Container[] = [deployment, listener, job].flatMap(({ spec }) => [
  ...spec.template.spec.initContainers,
  ...spec.template.spec.containers,
]);

describe('deploy/kubernetes', () => {
  it('is what the Kubernetes API takes: no field it does not know, each of its type', () => {
    assert.deepEqual(mistakesIn(readManifests()), []);
  });

  it('would be told otherwise', () => {
    const wrong = (kind: string, change: (text: string) => string) =>
      mistakesIn(readManifests().flatMap((manifest) => (manifest.kind === kind ? { ...manifest, text: change(manifest.text) } : [])));
    assert.match(
      wrong('Deployment', (text) => text.replace('"readOnlyRootFilesystem"', '"readOnlyRootFileSystem"')).join('\n'),
      /"readOnlyRootFileSystem"' does not exist/,
    );
    assert.match(wrong('Job', (text) => text.replace('"backoffLimit":3', '"backoffLimit":"3"')).join('\n'), /not assignable to type 'number'/);
    assert.match(wrong('Job', (text) => text.replace('"restartPolicy":"Never"', '"restartPolicy":"Sometimes"')).join('\n'), /"Sometimes"/);
  });

  it('runs two workers, not as root, on a file system that can only be read, that may take their time to stop', () => {
    const { template, replicas } = deployment.spec;
    assert.equal(replicas, 2);
    assert.ok((template.spec.terminationGracePeriodSeconds ?? 0) * 1000 >= Number(settings()['SYNCLINE_SHUTDOWN_GRACE_MS']) + 10_000);
    for (const { name, securityContext } of containers) {
      assert.deepEqual(securityContext, { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } }, name);
    }
  });

  it('gives the workers a place for the files of bulk jobs and exports: nothing else of theirs can be written', () => {
    const { volumes, containers: workers } = deployment.spec.template.spec;
    const places = workers.flatMap(({ volumeMounts }) => volumeMounts.filter(({ readOnly }) => readOnly !== true));
    assert.deepEqual(
      places.map(({ name, mountPath }) => [mountPath, volumes.some((volume) => volume.name === name && 'emptyDir' in volume)]),
      [['/tmp', true]],
    );
    assert.equal(settings()['TMPDIR'], undefined);
  });

  it('probes the workers where they say what they can do', () => {
    const [container] = deployment.spec.template.spec.containers;
    const probe = z.looseObject({ httpGet: z.object({ path: z.string(), port: z.literal('metrics') }) });
    const pathOf = (name: string) => probe.parse(container?.[name]).httpGet.path;
    assert.deepEqual([pathOf('livenessProbe'), pathOf('readinessProbe')], [SIGHT_PATHS.health, SIGHT_PATHS.ready]);
    const port = Number(settings()['SYNCLINE_METRICS']?.split(':')[1]);
    assert.deepEqual(container?.['ports'], [{ name: 'metrics', containerPort: port }]);
  });

  it('runs two listeners where they say that they listen, that are probed at paths that they serve and may end what they have begun', () => {
    const { template, replicas } = listener.spec;
    const [container] = template.spec.containers;
    const { LISTEN_HOST: host, LISTEN_PORT: port, LISTEN_GRACE_MS: grace, LISTEN_METRICS: metrics } = listening();
    const ports = [
      { name: 'http', containerPort: Number(port) },
      { name: 'metrics', containerPort: Number(metrics?.split(':')[1]) },
    ];
    assert.deepEqual([replicas, host, container?.['ports']], [2, '0.0.0.0', ports]);
    const probe = z.looseObject({ httpGet: z.object({ path: z.string(), port: z.literal('http') }) });
    assert.match(probe.parse(container?.['readinessProbe']).httpGet.path, READY_PATH);
    assert.match(probe.parse(container?.['livenessProbe']).httpGet.path, HEALTH_PATH);
    assert.ok((template.spec.terminationGracePeriodSeconds ?? 0) * 1000 >= Number(grace) + 10_000);
    assert.equal(container?.args[0], listenCommand.name);
  });

  it('sets what the code reads, from a ConfigMap and a Secret that holds all secrets; one image does it all', () => {
    const read = settingsThatCodeReads();
    for (const name of Object.keys(settings()).filter((each) => each.startsWith('SYNCLINE_'))) assert.ok(read.has(name), `nobody reads ${name}`);
    assert.deepEqual(
      Object.keys(settings()).filter((name) => /KEY|TOKEN|PASSWORD|LEDGER/.test(name)),
      [],
    );
    for (const { spec } of [deployment.spec.template, listener.spec.template, job.spec.template])
      assert.deepEqual(
        spec.volumes.flatMap((volume) => ('secret' in volume ? volume.secret.secretName : [])),
        ['syncline'],
      );
    for (const { volumeMounts } of containers)
      assert.deepEqual(
        volumeMounts.filter(({ readOnly }) => readOnly === true).map(({ mountPath }) => mountPath),
        [settings()['SYNCLINE_SECRETS_DIR']],
      );
    assert.equal(new Set(containers.map(({ image }) => image)).size, 1);
    assert.match(containers[0]?.image ?? '', /:[\w.]+$/);
  });

  it('does its work: the release, step by step, then a worker and a run, all with nothing but what it gives them', async (context) => {
    const api = await SmallApi.start(40);
    const files = smallProject(api.url, { connection: 'auth: { type: bearer, token: "${secret:SMALL_TOKEN}" }', sync: 'schedule: { every: 1d }' });
    const project = await Project.create(files);
    const secrets = mkdtempSync(join(tmpdir(), 'syncline-secrets-'));
    context.after(async () => {
      await project.stop();
      await api.stop();
      rmSync(secrets, { recursive: true, force: true });
    });
    writeVolume(secrets, { SYNCLINE_LEDGER: await makeDatabase(), SYNCLINE_ENCRYPTION_KEY: randomBytes(32).toString('base64'), SMALL_TOKEN: 'a-token' });
    const { TEMPORAL_ADDRESS: _, ...given } = settings();
    const places = { SYNCLINE_PROJECT: project.directory, SYNCLINE_SECRETS_DIR: secrets, SYNCLINE_METRICS: `127.0.0.1:${await freePort(0)}` };
    Object.assign(project.env, given, places);
    for (const { name, args } of [...job.spec.template.spec.initContainers, ...job.spec.template.spec.containers]) {
      const { code, stdout, stderr } = await project.cli(...args);
      assert.equal(code, 0, `${name}: ${stdout}${stderr}`);
      if (name === 'schedules') assert.match(stdout, /people/);
    }
    await project.startWorker();
    const { code, stdout, stderr } = await project.cli('run', 'people', '--yes');
    assert.equal(code, 0, stdout + stderr);
    assert.equal(api.contacts.size, 40);
    assert.equal((await project.cli('schedule', 'pause', 'people', '--yes')).code, 0);
  });
});

/** What the ConfigMap sets for the listener. */
function listening(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(settings()).map(([name, value]) => [name.replace('SYNCLINE_', ''), value]));
}

/** By the compiler, with the types that are generated from the API's own OpenAPI document: it tells of fields that are too many, as `kubectl --validate=strict` does. */
function mistakesIn(manifests: readonly Manifest[]): readonly string[] {
  const options = { strict: true, noEmit: true, skipLibCheck: true, types: [], module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023 };
  const files = new Map(
    manifests.map(({ apiVersion, kind, text }, at) => {
      const source = `import type { I${kind} } from 'kubernetes-models/${apiVersion}/${kind}';\nexport const manifest: I${kind} = ${text};\n`;
      return [join(HERE, `manifest-${at}.ts`), source] as const;
    }),
  );
  // They exist for the compiler alone, where it finds the packages.
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.getSourceFile = (path, version, ...more) => {
    const text = files.get(path);
    return text === undefined ? getSourceFile(path, version, ...more) : ts.createSourceFile(path, text, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
