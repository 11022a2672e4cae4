import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectTemporal as connectClient } from '../../client/temporal/connect.ts';
import { connectTemporal as connectWorker } from '../../worker/temporal-connection.ts';
import { type Certificate, makeAuthority, makeClientCertificate, makeServerCertificate } from '../support/certificates.ts';
import type { CommandResult } from '../support/command-line.ts';
import { finished, Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { testTemporal } from '../support/temporal.ts';
import { TemporalFront } from '../support/temporal-front.ts';

const WORKER = fileURLToPath(new URL('../../worker/main.ts', import.meta.url));
const KEY = 'the-right-key';

let ours: Certificate;
let theirs: Certificate;
let client: Certificate;
let stranger: Certificate;
let mutual: TemporalFront;
let keyed: TemporalFront;
let expired: TemporalFront;
let upstream: string;
let api: SmallApi;
before(async () => {
  upstream = (await testTemporal()).address;
  [ours, theirs] = [await makeAuthority('ours'), await makeAuthority('theirs')];
  [client, stranger] = [await makeClientCertificate(ours), await makeClientCertificate(theirs)];
  const certificate = await makeServerCertificate(ours);
  mutual = await TemporalFront.start({ upstream, certificate, clientAuthority: ours });
  keyed = await TemporalFront.start({ upstream, certificate, apiKey: KEY });
  expired = await TemporalFront.start({ upstream, certificate: await makeServerCertificate(ours, { hasExpired: true }) });
  api = await SmallApi.start(20);
});
after(async () => {
  await mutual.stop();
  await keyed.stop();
  await expired.stop();
  await api.stop();
});

describe('worker and command line work on a Temporal server that wants', () => {
  it('a client certificate, by TEMPORAL_TLS_ variables', async (context) => {
    const project = await makeProject(context);
    const path = (name: string, text: string) => write(project, name, text);
    Object.assign(project.env, {
      TEMPORAL_ADDRESS: mutual.address,
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: path('ca.pem', ours.cert),
      TEMPORAL_TLS_CLIENT_CERT_PATH: path('client.pem', client.cert),
      TEMPORAL_TLS_CLIENT_KEY_PATH: path('client.key', client.key),
    });
    await runs(project, mutual);
  });

  it('an API key, by a profile of temporal.toml; headers of its own are sent, too', async (context) => {
    const project = await makeProject(context);
    const ca = write(project, 'ca.pem', ours.cert);
    const profile = `[profile.cloud]
address = "${keyed.address}"
namespace = "default"
api_key = "${KEY}"
[profile.cloud.tls]
server_ca_cert_path = "${ca}"
server_name = "localhost"
[profile.cloud.grpc_meta]
x-team = "crm"
`;
    delete project.env['TEMPORAL_ADDRESS'];
    Object.assign(project.env, { TEMPORAL_CONFIG_FILE: write(project, 'temporal.toml', profile), TEMPORAL_PROFILE: 'cloud' });
    await runs(project, keyed);
    assert.ok(keyed.passed.every(({ headers }) => headers['x-team'] === 'crm'));
  });
});

const trusted = () => ({ TEMPORAL_ADDRESS: mutual.address, TEMPORAL_TLS_SERVER_CA_CERT_DATA: ours.cert });
const pair = (of: Certificate) => ({ TEMPORAL_TLS_CLIENT_CERT_DATA: of.cert, TEMPORAL_TLS_CLIENT_KEY_DATA: of.key });
const file = (path: string) => ({ TEMPORAL_TLS_CLIENT_CERT_PATH: path, TEMPORAL_TLS_CLIENT_KEY_PATH: path });

interface Mistake {
  readonly what: string;
  readonly env: () => Readonly<Record<string, string>>;
  readonly code: 'CREDENTIALS_REJECTED' | 'DEFINITION_INVALID';
  readonly says: RegExp;
}

const refused = (what: string, env: Mistake['env'], says: RegExp): Mistake => ({ what, env, code: 'CREDENTIALS_REJECTED', says });
const wrong = (what: string, env: Mistake['env'], says: RegExp): Mistake => ({ what, env, code: 'DEFINITION_INVALID', says });

const MISTAKES: readonly Mistake[] = [
  refused('no client certificate', trusted, /^localhost:\d+ wants a client certificate\. Set TEMPORAL_TLS_CLIENT_CERT_PATH and/),
  refused(
    "a stranger's certificate",
    () => ({ ...trusted(), ...pair(stranger) }),
    /^localhost:\d+ refused the client certificate\. Check TEMPORAL_TLS_CLIENT_CERT_PATH/,
  ),
  refused(
    'a wrong API key',
    () => ({ ...trusted(), TEMPORAL_ADDRESS: keyed.address, TEMPORAL_API_KEY: 'the-wrong-key' }),
    /^Temporal at localhost:\d+ refused the credentials for namespace default\. Check TEMPORAL_API_KEY/,
  ),
  wrong(
    'a server of an authority that is not known',
    () => ({ ...trusted(), ...pair(client), TEMPORAL_TLS_SERVER_CA_CERT_DATA: theirs.cert }),
    /^The certificate of localhost:\d+ is signed by an authority that is not trusted here\. Set TEMPORAL_TLS_SERVER_CA_CERT_PATH/,
  ),
  wrong(
    'a server of another name',
    () => ({ ...trusted(), ...pair(client), TEMPORAL_TLS_SERVER_NAME: 'acme.a1b2c.tmprl.cloud' }),
    /^The certificate of localhost:\d+ is for another name\. Check TEMPORAL_ADDRESS, or set TEMPORAL_TLS_SERVER_NAME/,
  ),
  wrong(
    'a server whose certificate has expired',
    () => ({ ...trusted(), TEMPORAL_ADDRESS: expired.address }),
    /^The certificate of localhost:\d+ has expired\. Whoever runs that server must renew it/,
  ),
  wrong(
    'half of a certificate',
    () => ({ ...trusted(), TEMPORAL_TLS_CLIENT_CERT_DATA: client.cert }),
    /cannot be used: there is a client certificate, and no key for it\./,
  ),
  wrong(
    'a certificate that is none',
    () => ({ ...trusted(), ...pair({ cert: 'none', key: 'none' }) }),
    /^A certificate or key for Temporal cannot be used: each must be PEM/,
  ),
  wrong(
    "another certificate's key",
    () => ({ ...trusted(), ...pair({ cert: client.cert, key: stranger.key }) }),
    /^A certificate or key for Temporal cannot be used/,
  ),
  wrong(
    'a file that is not there',
    () => ({ ...trusted(), ...file('/nowhere/client.pem') }),
    /cannot be used: ENOENT.*'\/nowhere\/client\.pem'\. Check what they name\./,
  ),
  wrong('a profile that is not there', () => ({ TEMPORAL_PROFILE: 'moon' }), /cannot be used: Profile 'moon' not found/),
  wrong('TLS where there is none', () => ({ TEMPORAL_ADDRESS: upstream, TEMPORAL_TLS: 'true' }), /^What answers at 127\.0\.0\.1:\d+ does not speak TLS\./),
  wrong(
    'no TLS where there is',
    () => ({ TEMPORAL_ADDRESS: mutual.address }),
    /^Something answers at localhost:\d+, but not as a Temporal server without TLS does\. Set TEMPORAL_TLS=true/,
  ),
];

describe('what is wrong is told in one sentence, by command line and worker', () => {
  for (const { what, env, code, says } of MISTAKES) {
    it(what, () =>
      withEnvironment(env(), async () => {
        const commandCode = code === 'DEFINITION_INVALID' ? 'TEMPORAL_SETTINGS' : code;
        await assert.rejects(connectClient({ project: tmpdir(), payloadKeys: undefined, env: process.env }), {
          name: 'CliError',
          code: commandCode,
          exitCode: commandCode === code ? 6 : 3,
          message: says,
        });
        await assert.rejects(connectWorker(undefined), { name: 'SyncError', code, message: says });
      }),
    );
  }

  it('and they end with its exit code: a wrong key', async (context) => {
    const project = await makeProject(context);
    Object.assign(project.env, trusted(), { TEMPORAL_ADDRESS: keyed.address, TEMPORAL_API_KEY: 'the-wrong-key' });
    for (const { code, stdout, stderr } of [await project.cli('run', 'people', '--yes'), await runWorker(project)]) {
      assert.equal(code, 6, stdout + stderr);
      assert.match(stdout + stderr, /refused the credentials for namespace default/);
      assert.doesNotMatch(stdout + stderr, /the-wrong-key/);
    }
  });

  it('and they end with its exit code: a namespace that is not there', async (context) => {
    const project = await makeProject(context);
    project.env['TEMPORAL_NAMESPACE'] = 'moon';
    for (const { code, stdout, stderr } of [await project.cli('run', 'people', '--yes'), await runWorker(project)]) {
      assert.equal(code, 3, stdout + stderr);
      assert.match(stdout + stderr, /no (such )?namespace.*moon.*Check TEMPORAL_NAMESPACE; on Temporal Cloud it is NAME\.ACCOUNT\./);
    }
  });
});

/** Both read the settings of their own process. */
async function withEnvironment(env: Readonly<Record<string, string>>, work: () => Promise<void>): Promise<void> {
  Object.assign(process.env, env);
  try {
    await work();
  } finally {
    for (const name of Object.keys(env)) Reflect.deleteProperty(process.env, name);
  }
}

function runWorker(project: Project): Promise<CommandResult> {
  const env = { ...process.env, ...project.env };
  return finished(spawn(process.execPath, [WORKER, '--project', project.directory], { env, stdio: ['ignore', 'pipe', 'pipe'] }));
}

async function makeProject(context: TestContext): Promise<Project> {
  const project = await Project.create(smallProject(api.url));
  context.after(() => project.stop());
  return project;
}

function write(project: Project, name: string, text: string): string {
  const path = join(project.directory, name);
  writeFileSync(path, text);
  return path;
}

/** A run that needs both, by this way and no other. */
async function runs(project: Project, front: TemporalFront): Promise<void> {
  await project.startWorker();
  const { code, stdout, stderr } = await project.cli('run', 'people', '--yes');
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /books\s+closed: 20 records taken/);
  for (const method of ['PollWorkflowTaskQueue', 'StartWorkflowExecution'])
    assert.ok(
      front.passed.some((each) => each.method === method),
      method,
    );
}
