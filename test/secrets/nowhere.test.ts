import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { startTemporalServer, type TemporalServer } from '../../worker/temporal-server/start-temporal-server.ts';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { formsOf } from './forms-of.ts';
import { TokenApi } from './token-api.ts';

/** Recognisable, with characters that are written otherwise in a URL, in JSON and in base64. */
const SECRET = 'zq+7/K=&"ü%\\secret-5e1f';
const AUTHS: Readonly<Record<string, string>> = {
  bearer: 'type: bearer, token: "${secret:API_SECRET}"',
  'api-key in a header': 'type: api-key, in: header, name: X-Key, key: "${secret:API_SECRET}"',
  'api-key in the query': 'type: api-key, in: query, name: key, key: "${secret:API_SECRET}"',
  basic: 'type: basic, username: me, password: "${secret:API_SECRET}"',
};
const REFRESH = 'zq+7/K=&"ü%\\refresh-0a2b';
const OAUTHS: Readonly<Record<string, (tokenUrl: string) => string>> = {
  'client credentials': (tokenUrl) => `type: oauth2-client-credentials, tokenUrl: "${tokenUrl}", clientId: me, clientSecret: "\${secret:API_SECRET}"`,
  'client credentials in a header': (tokenUrl) =>
    `type: oauth2-client-credentials, clientIn: header, tokenUrl: "${tokenUrl}", clientId: me, clientSecret: "\${secret:API_SECRET}"`,
  'a refresh token': (tokenUrl) =>
    `type: oauth2-refresh-token, tokenUrl: "${tokenUrl}", clientId: me, clientSecret: "\${secret:API_SECRET}", refreshToken: "\${secret:API_REFRESH}"`,
};

function textOf(path: string): string {
  if (statSync(path).isDirectory())
    return readdirSync(path)
      .map((name) => textOf(join(path, name)))
      .join('\n');
  return path.endsWith('.sock') ? '' : readFileSync(path, 'utf8');
}

const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
/** By an assertion; by a login request, which the same endpoint answers. */
const SIGN_INS: typeof OAUTHS = {
  'a client assertion': (tokenUrl) =>
    `type: oauth2-client-credentials, tokenUrl: "${tokenUrl}", clientId: me, clientAssertion: { algorithm: ES256, key: "\${secret:API_KEY}" }`,
  'an assertion': (tokenUrl) => `type: jwt, algorithm: ES256, key: "\${secret:API_KEY}", tokenUrl: "${tokenUrl}", issuer: me`,
  'a session token': (tokenUrl) =>
    `type: session-token, credentials: { password: "\${secret:API_SECRET}" }, login: { post: "${tokenUrl}", body: { password: "{password}" } }, token: { from: body.access_token }`,
};

const IS_LONG = process.env['SYNCLINE_TEST_LONG'] === '1';
/** One in a header, one in the address, and one that is rotated; test/secrets/echo.test.ts goes through all of them. */
const QUICK = ['bearer', 'api-key in the query', 'a refresh token'];
const ALL_OAUTHS = Object.entries({ ...OAUTHS, ...SIGN_INS });

describe('a secret is written down nowhere', () => {
  let folder: string;
  let server: TemporalServer;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'syncline-secrets-'));
    server = await startTemporalServer({ directory: folder, port: 0, uiPort: 0, env: process.env, onProgress: () => undefined });
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A project on an API with people, all of whose commands are remembered. */
  const begin = async (context: TestContext, api: SmallApi, auth: string) => {
    const project = await Project.create(smallProject(api.url, { connection: `auth: { ${auth} }` }), {
      TEMPORAL_ADDRESS: server.address,
      API_SECRET: SECRET,
      API_REFRESH: REFRESH,
      API_KEY: KEY,
      SYNCLINE_LOG_LEVEL: 'trace',
    });
    context.after(async () => {
      await project.stop();
      await api.stop();
    });
    await project.startWorker();
    const said: string[] = [];
    const cli = async (...args: string[]) => {
      const { stdout, stderr } = await project.cli(...args);
      said.push(stdout, stderr);
      return stdout + stderr;
    };
    return { project, cli, said };
  };

  /** Refusals, each in its own way: of a record, of the batch, of the credentials; each repeats the credentials. */
  const refuseAll = async (api: SmallApi, cli: (...args: string[]) => Promise<string>, secretOf: () => string) => {
    assert.match(await cli('run', 'people', '--yes'), /completed/);
    api.change(1, 'Renamed once', 1);
    api.refuseRecord = () => ({ status: 422, message: `the key ${secretOf()} may not do this` });
    await cli('run', 'people', '--yes');
    await cli('errors', 'people');
    await cli('records', 'people', '--key', '1', '--json');
    api.change(2, 'Renamed twice', 2);
    api.refuse = () => ({ status: 403, body: { message: `unknown key ${secretOf()} (${encodeURIComponent(secretOf())})` } });
    assert.match(await cli('run', 'people', '--yes'), /refused the credentials/);
    await cli('check', '--live');
    await cli('show', 'last', '--json');
  };

  const assertNowhere = (project: Project, said: readonly string[], secrets: readonly string[]) => {
    const places: Readonly<Record<string, string>> = {
      'what the command line says': said.join('\n'),
      'the project folder': textOf(join(project.directory, '.syncline')),
      'the Temporal server': textOf(folder),
    };
    for (const [place, text] of Object.entries(places)) {
      assert.ok(text.includes('people'), `${place} was looked through`);
      for (const form of secrets.flatMap(formsOf)) assert.ok(!text.includes(form), `${place} holds a secret as ${form}`);
    }
    const { 'the Temporal server': history = '' } = places;
    assert.ok(!/p\d+@example\.test|Person \d|Renamed/.test(history), 'the Temporal server holds values of records');
    assert.ok(!/p\d+@example\.test|Renamed/.test(textOf(join(project.directory, '.syncline/logs'))), 'a log holds values of records');
  };

  for (const [name, auth] of Object.entries(AUTHS).filter(([name]) => IS_LONG || QUICK.includes(name))) {
    it(`with ${name}: neither where all goes well, nor where the API echoes it in a refusal`, async (context) => {
      const api = await SmallApi.start(20);
      const { project, cli, said } = await begin(context, api, auth);
      await refuseAll(api, cli, () => SECRET);
      assertNowhere(project, said, [SECRET]);
    });
  }

  for (const [name, auth] of ALL_OAUTHS.filter(([name]) => IS_LONG || QUICK.includes(name))) {
    it(`with ${name}: nor are tokens, also those that were renewed and rotated, and what the token endpoint echoes`, async (context) => {
      const api = await SmallApi.start(120);
      const tokens = await TokenApi.start(context, api, 4);
      const { project, cli, said } = await begin(context, api, auth(tokens.url));
      // Only what the connection uses is known as a secret, by whoever hides it.
      const used = auth('').includes('API_SECRET') ? [SECRET] : [];
      await refuseAll(api, cli, () => [tokens.current, ...used].join(' '));
      api.refuse = () => undefined;
      api.refuseRecord = () => undefined;
      tokens.refuses = true;
      api.change(3, 'Renamed thrice', 3);
      assert.match(await cli('run', 'people', '--yes'), /CREDENTIALS_REJECTED/);
      await cli('check', '--live');
      await cli('show', 'last', '--json');
      assert.ok(tokens.given.length >= 4, 'tokens were renewed');
      assertNowhere(project, said, [...used, REFRESH, ...KEY.split('\n').slice(1, 3), ...tokens.given]);
    });
  }
});
