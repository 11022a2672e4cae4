import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { finished, Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { until } from '../support/until.ts';

const PEOPLE = 30;
let api: SmallApi;
let project: Project;
let worker: Awaited<ReturnType<Project['startWorker']>>;

/** People belong to a firm and to the person after them, firms have a contact: two circles. Tasks come after firms. */
before(async () => {
  api = await SmallApi.start(PEOPLE);
  const files = smallProject(api.url, {
    source: '  incremental: { cursorField: updated_at }',
    connection: 'applyDelay: 0s\ntimeouts: { headers: 2s, request: 2s }',
  });
  const sync = files['syncs/people.yaml'] ?? '';
  const connection = (files['connections/small.yaml'] ?? '').replace('post: /contacts/batch', 'post: /contacts/batch\n      merges: true');
  const to = (object: string, fields: string) => sync.replace('object: contacts', `object: ${object}`).replace('  name: name', `  name: name\n${fields}`);
  project = await Project.create({
    ...files,
    'connections/small.yaml': connection,
    'syncs/people.yaml': to('contacts', '  firm: { ref: { sync: firms, from: $string(id) } }\n  boss: { ref: { sync: people, from: $string(id + 1) } }'),
    'syncs/firms.yaml': to('notes', '  contact: { ref: { sync: people, from: $string(id) }, required: true }'),
    'syncs/tasks.yaml': `${to('tasks', '  firm: { ref: { sync: firms, from: $string(id) } }')}dependsOn: [people]\n`,
  });
  worker = await project.startWorker();
});
after(async () => {
  await project.stop();
  await api.stop();
});

const runAll = async (...flags: string[]) => {
  const { code, stdout, stderr } = await project.cli('run', '--all', '--yes', ...flags);
  return { code, stdout, all: stdout + stderr };
};
/** A person was changed, so that the windows of later reads move. */
let minute = 1;

test('all syncs run, each after those it waits for; what goes round is set afterwards, and only that', async () => {
  const written: string[] = [];
  api.refuse = (batch) => {
    for (const { email, ...fields } of batch) written.push(`${email} ${Object.keys(fields).join(' ')}`);
    return undefined;
  };
  const { code, stdout, all } = await runAll();
  assert.equal(code, 0, all);
  assert.match(stdout, /people\s+✓ completed\s+30 created, 30 references set, 1 waiting for references|people\s+✓ completed\s+30 \w+, 30 references set/, all);
  assert.deepEqual([api.contacts.size, api.notes.size, api.tasks.size], [PEOPLE, PEOPLE, PEOPLE]);
  for (const [email, contact] of api.contacts) {
    assert.equal(contact['firm'], email, `the firm of ${email}`);
    const id = Number(/\d+/.exec(email)?.[0]);
    assert.equal(contact['boss'], id === PEOPLE ? undefined : `p${id + 1}@example.test`);
  }
  assert.equal(api.notes.get('p4@example.test')?.['contact'], 'p4@example.test');
  assert.equal(api.tasks.get('p4@example.test')?.['firm'], 'p4@example.test');
  assert.deepEqual(
    written.filter((line) => line.startsWith('p4@')),
    ['p4@example.test name', 'p4@example.test name contact', 'p4@example.test name firm', 'p4@example.test firm boss'].toSorted(
      (one, other) => written.indexOf(one) - written.indexOf(other),
    ),
    'each once, and the person once more',
  );
});

test('a second time, nothing is written; a reference that comes is set by the run that brings it', async () => {
  let writes = 0;
  api.refuse = () => {
    writes += 1;
    return undefined;
  };
  const again = await runAll();
  assert.deepEqual([again.code, writes], [0, 0], again.all);
  assert.match(again.stdout, /1 waiting for references/);
  assert.match((await project.cli('records', 'people', '--key', String(PEOPLE))).stdout, /waits for\s+people to have written key 31\n/);
  api.change(PEOPLE + 1, 'The last one', minute++);
  const { all } = await runAll();
  assert.equal(api.contacts.get(`p${PEOPLE}@example.test`)?.['boss'], `p${PEOPLE + 1}@example.test`, all);
  assert.equal(api.contacts.get(`p${PEOPLE + 1}@example.test`)?.['firm'], `p${PEOPLE + 1}@example.test`);
});

test('what a sync refuses is held where it is needed, and comes with the run that mends it', async () => {
  api.refuse = () => undefined;
  api.refuseRecord = ({ email }) => (email === 'p40@example.test' && api.contacts.size === 31 ? { status: 422, message: 'no such name' } : undefined);
  api.change(40, 'Number 40', minute++);
  const first = await runAll();
  assert.equal(first.code, 4, first.all);
  assert.match(first.stdout, /firms\s+✓ completed with rejections\s+(\d+ unchanged, )?1 held/);
  api.refuseRecord = () => undefined;
  await project.cli('retry', 'people', '--yes');
  const { code, all } = await runAll();
  assert.equal(code, 0, all);
  assert.equal(api.notes.get('p40@example.test')?.['contact'], 'p40@example.test');
  assert.equal(api.contacts.get('p40@example.test')?.['firm'], 'p40@example.test');
});

test('a sync that fails takes along those that wait for it, and the exit code tells why', async () => {
  api.refuse = (batch) => (batch.some((note) => 'contact' in note) ? { status: 401, body: { message: 'no such token' } } : undefined);
  api.change(35, 'Number 35', minute++);
  const { code, stdout, all } = await runAll();
  assert.equal(code, 6, all);
  assert.match(stdout, /people\s+✓ completed/, all);
  assert.match(stdout, /firms\s+✗ failed\s+An API refused the credentials/);
  assert.match(stdout, /tasks\s+– skipped\s+firms failed/);
  api.refuse = () => undefined;
  const mended = await runAll();
  assert.equal(mended.code, 0, mended.all);
  assert.equal(api.contacts.get('p35@example.test')?.['firm'], 'p35@example.test');
  assert.equal(api.tasks.get('p35@example.test')?.['firm'], 'p35@example.test');
});

test('a worker that is killed in the middle of it loses nothing', async () => {
  api.stalls = true;
  const stalledBefore = api.stalled;
  api.change(36, 'Number 36', minute++);
  await project.cli('run', '--all', '--detach', '--yes');
  await until('a request', () => api.stalled > stalledBefore);
  worker.child.kill('SIGKILL');
  api.stalls = false;
  worker = await project.startWorker();
  const { code, all } = await runAll();
  assert.equal(code, 0, all);
  assert.match(all, /running already/);
  assert.equal(api.contacts.get('p36@example.test')?.['firm'], 'p36@example.test');
  assert.equal(api.notes.get('p36@example.test')?.['contact'], 'p36@example.test');
});

test('left alone it goes on, is followed again, and cancelled as a whole', async () => {
  api.stalls = true;
  api.change(41, 'Number 41', minute++);
  const started = await project.cli('run', '--all', '--detach', '--yes');
  assert.match(started.stdout, /^graph\/e2e-[a-z0-9]+\/dev\n$/, started.stderr);
  await until('a request', () => api.stalled > 0);
  const following = project.spawnCli('run', '--all', '--json');
  const events = finished(following);
  let told = '';
  following.stdout?.on('data', (piece) => {
    told += String(piece);
  });
  await until('it to follow', () => /"event":"progress".*"sync":"people","after":\[\],"state":"running"/.test(told));
  following.kill('SIGINT');
  const { code, stdout } = await events;
  assert.equal(code, 0);
  assert.match(stdout, /"event":"already-running"/);
  assert.match(stdout, /"event":"progress".*"sync":"people","after":\[\],"state":"running"/);
  assert.match(stdout, /"event":"left"/);
  const cancelled = await project.cli('cancel', '--all', '--yes');
  api.stalls = false;
  assert.match(cancelled.stdout, /firms\s+■ cancelled/, cancelled.stderr);
  await until('the request without an answer to be looked into', async () => (await runAll()).code === 0);
  assert.equal(api.notes.get('p41@example.test')?.['contact'], 'p41@example.test');
});

test('a worker on another folder is told apart', async () => {
  const other = await Project.create({ ...smallProject(api.url), 'syncs/others.yaml': smallProject(api.url)['syncs/people.yaml'] ?? '' });
  other.write('syncline.yaml', readFileSync(join(project.directory, 'syncline.yaml'), 'utf8'));
  const { code, stderr } = await other.cli('run', '--all', '--yes');
  await other.stop();
  assert.deepEqual([code, stderr.split('\n').at(-2)], [3, '✗ The worker has another version of this sync.'], stderr);
});

test('what is asked for the wrong way is told', async () => {
  assert.deepEqual(await project.cli('run'), { code: 2, stdout: '', stderr: '✗ Name a sync, or pass --all. See "syncline run --help".\n' });
  assert.equal((await project.cli('run', 'people', '--all')).code, 2);
  assert.equal((await project.cli('run', '--all', '--limit', '3')).code, 2);
  assert.equal((await project.cli('cancel', '--all', '--yes')).code, 1);
});
