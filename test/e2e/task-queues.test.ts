import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { syncWorkflowId } from '../../engine/ids.ts';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { testTemporal } from '../support/temporal.ts';

const QUEUE = 'datacenter';
const INSIDE_TOKEN = 'token-of-the-inside';
const OUTSIDE_TOKEN = 'token-of-the-outside';
const priorities = { priorityKey: 2, fairnessKey: 'people' };

describe('a connection with a task queue of its own', { concurrency: 2 }, () => {
  it('is read and written by its workers alone, and no other worker has its secret', async (context) => {
    const { here, there, outside, inside } = await begin(context);
    const before = await here.cli('run', 'people', '--yes');
    assert.equal(before.code, 5, before.stdout + before.stderr);
    assert.match(
      before.stderr,
      /No worker serves the task queue datacenter, which inside needs: where inside can be reached, start "syncline worker --queue datacenter/,
    );
    assert.match((await here.cli('check', '--live')).stdout, /✗ inside +has no worker for its task queue datacenter/);
    await startQueueWorker(there);
    const { code, stdout, stderr } = await here.cli('run', 'people', '--yes');
    assert.equal(code, 0, stdout + stderr);
    assert.equal(outside.contacts.size, 5);
    assert.equal(outside.contacts.get('p1@example.test')?.['firm'], 'p1@example.test', 'a lookup from each side');
    assert.equal(outside.contacts.get('p1@example.test')?.['owner'], 'Person 1');
    assert.ok(inside.pagesRead > 0);
    const live = await here.cli('check', '--live');
    assert.match(live.stdout, /✓ inside +is left to the workers of its task queue datacenter/, live.stdout + live.stderr);
    assert.deepEqual(await queuesOf(here), {
      fetchLookups: ['datacenter/reading', 'reading'],
      pageSource: ['datacenter/reading'],
      writeBatches: ['writing'],
    });
  });

  it('is an unknown one for a worker that is told another name', async (context) => {
    const { there } = await begin(context, { hasWorker: false });
    const { code, stderr } = await there.cli('worker', '--queue', 'datacentre');
    assert.equal(code, 3, stderr);
    assert.match(stderr, /No connection has the task queue "datacentre" on dev \(did you mean "datacenter"\?\): there are datacenter\./);
  });
});

/** One API is inside a network, and one outside; each machine has the secret of its own. */
async function begin(context: TestContext, { hasWorker = true } = {}) {
  const inside = await apiWith(INSIDE_TOKEN);
  const outside = await apiWith(OUTSIDE_TOKEN);
  const files = definitions(inside.url, outside.url);
  const ledger = { SYNCLINE_ENCRYPTION_KEY: randomBytes(32).toString('base64') };
  const here = await Project.create(files, { ...ledger, OUTSIDE_TOKEN });
  here.env['SYNCLINE_LEDGER'] = `sqlite:${join(here.directory, 'shared.db')}`;
  const there = await Project.create(files, { ...ledger, SYNCLINE_LEDGER: here.env['SYNCLINE_LEDGER'], INSIDE_TOKEN });
  there.write('syncline.yaml', readFileSync(join(here.directory, 'syncline.yaml'), 'utf8'));
  context.after(async () => {
    await there.stop();
    await here.stop();
    await inside.stop();
    await outside.stop();
  });
  if (hasWorker) await here.startWorker();
  return { here, there, inside, outside };
}

async function apiWith(token: string): Promise<SmallApi> {
  const api = await SmallApi.start(5);
  api.admit = ({ headers }) => (headers.authorization === `Bearer ${token}` ? undefined : { status: 401 });
  return api;
}

async function startQueueWorker(project: Project): Promise<void> {
  project.env['SYNCLINE_QUEUES'] = QUEUE;
  await project.startWorker();
}

function definitions(insideUrl: string, outsideUrl: string): Readonly<Record<string, string>> {
  const token = (name: string) => `auth: { type: bearer, token: "\${secret:${name}}" }`;
  const connection = (url: string, more: string) => smallProject(url, { connection: more })['connections/small.yaml'] ?? '';
  const source = smallProject(insideUrl, {
    sync: `
  owner: { lookup: owner }
  firm: { lookup: firm }
lookups:
  owner: { from: { connection: inside, object: people }, where: { mail: mail }, return: name }
  firm: { from: { connection: outside, object: people }, where: { mail: mail }, return: mail }
priority: 2
`,
  });
  return {
    'connections/inside.yaml': connection(insideUrl, `taskQueue: ${QUEUE}\n${token('INSIDE_TOKEN')}`),
    'connections/outside.yaml': connection(outsideUrl, token('OUTSIDE_TOKEN')),
    'syncs/people.yaml': (source['syncs/people.yaml'] ?? '')
      .replace('connection: small', 'connection: inside')
      .replace('connection: small', 'connection: outside'),
  };
}

/** The task queues that each kind of step went to; each stands in line by the priority of its sync. */
async function queuesOf(project: Project): Promise<Readonly<Record<string, readonly string[]>>> {
  const connection = await Connection.connect(await testTemporal());
  try {
    const projectName = /^name: (.*)$/m.exec(readFileSync(join(project.directory, 'syncline.yaml'), 'utf8'))?.[1] ?? '';
    const { events } = await new Client({ connection }).workflow
      .getHandle(syncWorkflowId({ project: projectName, profile: 'dev', sync: 'people' }))
      .fetchHistory();
    const found: Record<string, readonly string[]> = {};
    for (const { activityTaskScheduledEventAttributes: step } of events ?? []) {
      const queue = step?.taskQueue?.name?.replace(`syncline/${projectName}/dev/`, '') ?? '';
      if (!queue.endsWith('ing')) continue;
      assert.partialDeepStrictEqual(step?.priority, priorities);
      const name = step?.activityType?.name ?? '';
      found[name] = [...new Set([...(found[name] ?? []), queue])];
    }
    return found;
  } finally {
    await connection.close();
  }
}
