import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { parse } from 'yaml';
import { z } from 'zod';
import { Project } from '../support/project.ts';
import { SmallApi, smallProject } from '../support/small-api.ts';
import { until } from '../support/until.ts';

const QUOTA = 12;
/** A day, shortened. */
const LIMITS = `limits: { requests: [{ count: ${QUOTA}, per: 12s, spread: false }] }`;

async function begin(context: TestContext, people: number) {
  const api = await SmallApi.start(people);
  const project = await Project.create(smallProject(api.url, { connection: LIMITS }));
  context.after(async () => {
    await project.stop();
    await api.stop();
  });
  return { api, project, asked: () => api.pagesRead + [...api.answers.values()].reduce((sum, count) => sum + count, 0) };
}

it('a quota that is spent is waited for durably: no attempt is lost, its reason is seen, and a worker that starts meanwhile does not exceed it', async (context) => {
  const { api, project, asked } = await begin(context, 400);
  const worker = await project.startWorker();
  const running = project.cli('run', 'people', '--yes');
  await until('the quota is spent', () => asked() === QUOTA);
  const spentAt = performance.now();
  await until('the wait is durable', async () => (await pendingFailures(project)).includes('QUOTA_SPENT'));
  const status = await project.cli('status');
  assert.match(status.stdout, /people: (source|target): waiting \d+ s: The declared quota of small is spent: Syncline goes on in \d+ s\./);
  worker.child.kill('SIGKILL');
  await project.startWorker();
  await sleep(Math.max(0, 9_000 - (performance.now() - spentAt)));
  assert.equal(asked(), QUOTA);
  const { code, stdout, stderr } = await running;
  assert.equal(code, 0, stdout + stderr);
  assert.equal(api.contacts.size, 400);
  assert.doesNotMatch(stdout, /tried again|given up/i);
});

/** Why steps of the run wait, as the Web UI shows it. */
async function pendingFailures(project: Project): Promise<readonly string[]> {
  const connection = await Connection.connect({ address: project.env['TEMPORAL_ADDRESS'] ?? '' });
  try {
    const { name } = z.object({ name: z.string() }).parse(parse(readFileSync(`${project.directory}/syncline.yaml`, 'utf8')));
    const { raw } = await new Client({ connection }).workflow.getHandle(`sync/${name}/dev/people`).describe();
    return (raw.pendingActivities ?? []).map((activity) => activity.lastFailure?.applicationFailureInfo?.type ?? '');
  } finally {
    await connection.close();
  }
}
