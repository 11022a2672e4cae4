import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDatabases } from '../support/databases.ts';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { composeText, readCompose } from './compose-file.ts';
import { productionCommands, wordsAfter } from './readme-commands.ts';

const makeDatabase = temporaryDatabases();
const commands = productionCommands();

it('what README says of machines of your own works: the ledger, the schedules, a worker until SIGTERM', async (context) => {
  const api = await SmallApi.start(20);
  const project = await Project.create(smallProject(api.url, { sync: 'schedule: { every: 1d }' }));
  context.after(async () => {
    await project.cli('schedule', 'pause', 'people', '--yes');
    await project.stop();
    await api.stop();
  });
  const given: Readonly<Record<string, string>> = { SYNCLINE_LEDGER: await makeDatabase(), SYNCLINE_ENCRYPTION_KEY: randomBytes(32).toString('base64') };
  const set = wordsAfter('export ', commands).map(([assignment = '']) => assignment.split('=')[0] ?? '');
  assert.deepEqual(set, ['TEMPORAL_ADDRESS', ...Object.keys(given)]);
  Object.assign(project.env, given);
  const [migrate = [], apply = [], worker = [], ...others] = wordsAfter('syncline ', commands);
  assert.deepEqual([worker, others], [['worker'], []]);
  for (const words of [migrate, apply]) {
    const { code, stdout, stderr } = await project.cli(...words);
    assert.equal(code, 0, stdout + stderr);
  }
  const serving = project.spawnCli(...worker);
  let log = '';
  serving.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = new Promise((resolve) => serving.once('close', resolve));
  const run = await project.cli('schedule', 'list');
  assert.match(run.stdout, /people/);
  while (!log.includes('A worker runs for')) {
    assert.equal(serving.exitCode, null, log);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal((await project.cli('run', 'people', '--yes')).code, 0);
  serving.kill('SIGTERM');
  assert.equal(await ended, 0, log);
});

it('what README says of containers names files, services and profiles that are there', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const asked = [...composeText.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => [name ?? '', 'x'] as const);
  const { services } = readCompose(Object.fromEntries(asked));
  for (const [file = ''] of wordsAfter('cp ', commands)) assert.ok(existsSync(`${root}${file}`), file);
  for (const [service = ''] of wordsAfter('docker compose run --rm ', commands)) assert.ok(service in services, service);
  const [[profile] = []] = wordsAfter('docker compose --profile ', commands);
  assert.deepEqual(
    Object.keys(services).filter((name) => services[name]?.profiles.includes(profile ?? '')),
    ['prometheus', 'grafana'],
  );
  assert.ok(spawnSync('git', ['check-ignore', '.env'], { cwd: root }).status === 0, '.env is kept out of the repository');
});
