import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { finished } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { until } from '../support/until.ts';
import { productionCommands, wordsAfter } from './readme-commands.ts';
import { Topology } from './topology.ts';

const PEOPLE = 300;
/** Of the project's `.env`: how soon a lost worker is noticed. */
const ENV = { SYNCLINE_HEARTBEAT_TIMEOUT_MS: '3000', SYNCLINE_LOG_LEVEL: 'debug' };
/** Building the server takes minutes, and the rest of it one. */
const skip = process.env['SYNCLINE_TEST_LONG'] === '1' ? false : 'npm run test:long';

describe('what docker-compose.yml describes', { skip }, () => {
  let topology: Topology;
  before(async () => {
    topology = await Topology.start({ SYNCLINE_ENCRYPTION_KEY: randomBytes(32).toString('base64'), GRAFANA_PASSWORD: 'not-started' });
  });
  after(() => topology.stop());

  it('may be brought up once more, and that changes nothing', async () => {
    assert.match(await topology.runScript('temporal-schema'), /zero updates from current version/);
    assert.match(await topology.runScript('temporal-namespace'), /NamespaceInfo\.Name\s+default/);
  });

  it('gives the server settings that it knows', async () => {
    const { code, stdout } = await topology.checkServerSettings();
    assert.deepEqual([code, stdout.match(/error|warning/)], [0, null], stdout);
  });

  it('does its work over a lost worker and a restart of the Temporal server', async (context) => {
    const api = await SmallApi.start(PEOPLE);
    context.after(() => api.stop());
    const project = writeProject(api.url);
    context.after(() => rmSync(project, { recursive: true, force: true }));
    const [first, second] = await Promise.all([topology.startWorker('worker-1', project, ENV), topology.startWorker('worker-2', project, ENV)]);
    const cli = (...args: string[]) => finished(topology.spawnCli(project, ENV, ...args));
    const running = cli('run', 'people', '--yes');
    await until('some contacts to be written', () => api.contacts.size > 50);
    await (first.log().includes('people') ? first : second).kill();
    const written = api.contacts.size;
    await until('the other worker to go on', () => api.contacts.size > written);
    await topology.restartServer();
    const { code, stdout, stderr } = await running;
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, new RegExp(`books\\s+closed: ${PEOPLE} records taken`));
    assert.equal(api.contacts.size, PEOPLE);

    const batches = api.answered(200);
    const again = await cli('run', 'people', '--full');
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.equal(api.answered(200), batches, 'what is written already is not sent again');
    assert.ok(!existsSync(join(project, '.syncline')), 'the project is only read, as it is mounted');
  });

  it('does what README\'s "In production" says, in its order', async (context) => {
    const api = await SmallApi.start(20);
    context.after(() => api.stop());
    const project = writeProject(api.url, 'contacts-to-hubspot');
    context.after(() => rmSync(project, { recursive: true, force: true }));
    const commands = wordsAfter('docker compose run --rm worker ', productionCommands());
    assert.deepEqual(
      commands.map(([name]) => name),
      ['check', 'schedule', 'run', 'status'],
    );
    await topology.startWorker('worker-of-readme', project, ENV);
    const told: string[] = [];
    for (const words of commands) {
      const { code, stdout, stderr } = await finished(topology.spawnCli(project, ENV, ...words));
      assert.equal(code, 0, `${words.join(' ')}\n${stdout}${stderr}`);
      told.push(stdout);
    }
    assert.equal(api.contacts.size, 20);
    assert.match(told.at(-1) ?? '', /contacts-to-hubspot .*completed/);
  });
});

function writeProject(url: string, sync = 'people'): string {
  const folder = mkdtempSync(join(tmpdir(), 'syncline-project-'));
  // What the lost worker was sending is sent again once it must have been applied: here soon.
  const files = smallProject(url, { connection: 'limits: { requests: [{ count: 12, per: 1s }] }\ntimeouts: { request: 2s }' });
  const small = (files['connections/small.yaml'] ?? '').replace('max: 50', 'max: 5\n      applyDelay: 0s');
  const { 'syncs/people.yaml': people = '', ...others } = files;
  const written = {
    ...others,
    [`syncs/${sync}.yaml`]: `${people}schedule: { every: 1d }\n`,
    'connections/small.yaml': small,
    'syncline.yaml': `name: ${sync}\n`,
  };
  for (const [file, text] of Object.entries(written)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}
