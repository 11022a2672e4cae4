import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { request } from 'undici';
import { type AuthorizationServer, NATIVE_CLIENT, startAuthorizationServer } from '../http/authorization-server.ts';
import { followLogin } from '../http/follow-login.ts';
import { finished, Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';

/** The address that a command asks a person to open. */
function addressOf(command: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    command.stderr?.on('data', (piece: Buffer | string) => {
      text += String(piece);
      const url = /^ {2}(http:\S+)$/m.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
    command.once('exit', () => reject(new Error(text)));
  });
}

/** A person: opens the address, signs in, and comes back. @returns what the browser shows in the end */
async function logIn(
  project: Project,
): Promise<{ readonly page: string; readonly again: number; readonly stray: number; readonly result: Awaited<ReturnType<typeof finished>> }> {
  const command = project.spawnCli('login', 'small', '--no-browser');
  const end = finished(command);
  const callback = await followLogin(await addressOf(command));
  const stray = await request(new URL(`/callback?code=stolen&state=guessed`, callback)).then(({ statusCode }) => statusCode);
  const answer = await request(callback);
  const page = await answer.body.text();
  const again = await request(callback).then(
    ({ statusCode }) => statusCode,
    () => 0,
  );
  return { page, again, stray, result: await end };
}

/** An API that takes the tokens of an authorization server. */
async function begin(context: TestContext) {
  const server: AuthorizationServer = await startAuthorizationServer(context, { clients: [NATIVE_CLIENT] });
  const api = await SmallApi.start(20);
  api.admit = async ({ headers }) => {
    const token = await server.provider.AccessToken.find(headers.authorization?.replace('Bearer ', '') ?? '');
    return token === undefined ? { status: 401, body: { message: 'who are you?' } } : undefined;
  };
  const auth = `auth:
  type: oauth2-authorization-code
  authorizeUrl: ${server.url}/auth
  tokenUrl: ${server.url}/token
  revokeUrl: ${server.url}/token/revocation
  clientId: syncline
  scopes: [openid, offline_access]
  authorizeParameters: { prompt: consent }
`;
  const project = await Project.create(smallProject(api.url, { connection: auth }));
  context.after(async () => {
    await project.stop();
    await api.stop();
  });
  await project.startWorker();
  return { server, api, project };
}

test('a run says what to log in to; after the login it goes on, also when its access token was revoked; after the logout it says it again', async (context) => {
  const { server, api, project } = await begin(context);
  const { code, stdout, stderr } = await project.cli('run', 'people', '--yes');
  assert.equal(code, 6, stdout + stderr);
  assert.match(stdout + stderr, /Nobody is logged in to small, or the login has ended: run "syncline login small"\./);
  const live = await project.cli('check', '--live');
  assert.equal(live.code, 6);
  assert.match(live.stdout, /✗ small +Nobody is logged in to small/);

  const { page, again, stray, result } = await logIn(project);
  assert.deepEqual([result.code, stray], [0, 400], result.stderr);
  assert.match(page, /Logged in to small[\s\S]*You can close this window\./);
  assert.notEqual(again, 200);
  assert.match(result.stdout, /^✓ Logged in to small\. Granted: openid, offline_access\. It is renewed by itself\.\n$/);
  assert.match((await project.cli('login', 'small', '--status')).stdout, /^✓ Logged in to small since .+ Granted: openid, offline_access\./);

  const run = await project.cli('run', 'people', '--yes');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal(api.contacts.size, 20);

  const refused = await project.cli('logout', 'small');
  assert.equal(refused.code, 2);
  const out = await project.cli('logout', 'small', '--yes');
  assert.match(out.stdout, /^✓ Logged out of small: its tokens are forgotten\. They were revoked there, too\.\n$/);
  assert.equal((await project.cli('login', 'small', '--status')).code, 6);
  assert.equal((await project.cli('run', 'people', '--yes')).code, 6);
  assert.match((await project.cli('audit')).stdout, /login\.ended[\s\S]*login\.made/);
  assert.equal(server.asked.filter(({ form }) => form.get('grant_type') === 'authorization_code').length, 1);
});

test('a login that nobody finishes ends in time, with what to do', async (context) => {
  const project = await Project.create(
    smallProject('http://127.0.0.1:9', {
      connection: 'auth: { type: oauth2-authorization-code, authorizeUrl: /auth, tokenUrl: /token, clientId: syncline }',
    }),
  );
  context.after(() => project.stop());
  const { code, stdout, stderr } = await project.cli('login', 'small', '--no-browser', '--timeout', '1s');
  assert.deepEqual([code, stdout], [6, '']);
  assert.match(stderr, /✗ Nobody logged in to small in time: run "syncline login small --project \S+" again; --timeout waits longer\.\n$/);
  const unknown = await project.cli('login', 'smal');
  assert.deepEqual([unknown.code, /did you mean "small"/.test(unknown.stderr)], [2, true], unknown.stderr);
});
