import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { CutProxy } from '../connectors/cut-proxy.ts';
import { temporaryDatabases } from '../support/databases.ts';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';

const makeDatabase = temporaryDatabases();

/** People are made orders of, which the API can neither search nor be sent twice. */
async function begin(context: TestContext) {
  const api = await SmallApi.start(2);
  const files = smallProject(api.url, { connection: 'timeouts: { request: 1s }', source: '  incremental: { cursorField: updated_at }' });
  const project = await Project.create({ ...files, 'syncs/people.yaml': (files['syncs/people.yaml'] ?? '').replace('object: contacts', 'object: orders') });
  context.after(async () => {
    await project.stop();
    await api.stop();
  });
  return { api, project };
}

it('a write that nobody can look up is sent once, held for a person, and settled as that person says', async (context) => {
  const { api, project } = await begin(context);
  await project.startWorker();
  const cli = async (...args: string[]) => {
    const { code, stdout, stderr } = await project.cli(...args);
    return { code, text: stdout + stderr };
  };

  assert.match((await cli('unknown', 'list', 'people')).text, /Every write of people has been accounted for/);
  api.stalls = true;
  const lost = await cli('run', 'people', '--yes');
  assert.match(lost.text, /held\s+2\b/, lost.text);
  assert.equal(lost.code, 4);
  const sent = api.stalled;
  assert.equal((await cli('run', 'people', '--yes')).code, 4);
  assert.equal(api.stalled, sent, 'nothing was sent again');
  api.stalls = false;

  assert.match((await cli('errors', 'people')).text, /Say what became of them: +syncline unknown list people --project /);
  const compared = await cli('reconcile', 'people');
  assert.equal(compared.code, 3, compared.text);
  assert.match(compared.text, /^✗ small orders has no `search`: what is there cannot be compared\. Describe how it is searched by email\.\n$/);
  const listed = await cli('unknown', 'list', 'people');
  assert.match(listed.text, /2 writes without an answer[\s\S]*POST \/notes\/batch[\s\S]*no whole answer within 1 s/);
  assert.equal((await cli('unknown', 'resolve', 'people', '--key', '1', '--as', 'perhaps', '--yes')).code, 2);
  assert.match(
    (await cli('unknown', 'resolve', 'people', '--key', '7', '--as', 'written', '--yes')).text,
    /no write without an answer for key 7; nothing was changed/,
  );
  assert.equal((await cli('unknown', 'resolve', 'people', '--key', '1', '--as', 'written:88')).code, 2, 'needs --yes without a terminal');
  assert.equal((await cli('unknown', 'resolve', 'people', '--key', '1', '--as', 'written:88', '--yes')).code, 0);
  assert.equal((await cli('unknown', 'resolve', 'people', '--key', '2', '--as', 'not-written', '--yes')).code, 0);

  const last = await cli('run', 'people', '--yes');
  assert.equal(last.code, 0, last.text);
  assert.match(last.text, /created\s+1\b/);
  assert.equal(api.answered(200), sent + 1, 'the one that was not written was sent, once');
  assert.match((await cli('records', 'people', '--key', '1')).text, /a person found that it was written as 88/);
});

it('a claim whose COMMIT the ledger made and did not answer was not sent: it is given back, and sent once', async (context) => {
  const { api, project } = await begin(context);
  const url = new URL(await makeDatabase());
  const proxy = await CutProxy.start(Number(url.port));
  context.after(() => proxy.stop());
  url.port = String(proxy.port);
  project.env['SYNCLINE_LEDGER'] = url.href;
  await project.startWorker();
  proxy.cutAt = { after: 'INSERT INTO batches', words: 'COMMIT', reaches: true };
  const { code, stdout, stderr } = await project.cli('run', 'people', '--yes');
  assert.equal(proxy.cutAt, undefined, 'it was cut');
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /created\s+2\b/);
  assert.equal(api.answered(200), 1);
});
