import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import pino from 'pino';
import { heardByServer } from '../../worker/heard-by-server.ts';
import { finished, Project } from '../support/project.ts';
import { smallProject } from '../support/small-api.ts';
import { testTemporal } from '../support/temporal.ts';
import { TemporalFront } from '../support/temporal-front.ts';
import { until } from '../support/until.ts';

it('a worker has been heard when the server knows that it asks for work, not before', async (context) => {
  const connection = await NativeConnection.connect(await testTemporal());
  context.after(() => connection.close());
  const begin = () => Worker.create({ connection, taskQueue: `ready-${randomUUID()}`, activities: { rest: async () => undefined } });
  const workers = [await begin(), await begin()];
  let isHeard = false;
  const heard = heardByServer({ connection, namespace: 'default', workers, log: pino({ level: 'silent' }) }).then(() => {
    isHeard = true;
  });
  const running: Promise<void>[] = [];
  try {
    for (const worker of workers) {
      await sleep(300);
      assert.equal(isHeard, false, 'one of them has not asked yet');
      running.push(worker.run());
    }
    await heard;
  } finally {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.all(running);
  }
});

it('the program says that it is ready once it was heard', async (context) => {
  const delayMs = 300;
  const { project, askedAt } = await behindFront(context, delayMs);
  await project.startWorker();
  const tookMs = performance.now() - (askedAt() ?? Number.POSITIVE_INFINITY);
  assert.ok(tookMs > delayMs, `ready ${tookMs} ms after the server was asked, which takes ${delayMs} ms`);
});

it('the program that is stopped before it was heard says nothing, and ends in order', async (context) => {
  const { project, askedAt } = await behindFront(context, 600_000);
  const worker = project.spawnWorker();
  const end = finished(worker);
  await until('it to ask whether it was heard', () => askedAt() !== undefined);
  worker.kill('SIGTERM');
  const { code, stdout, stderr } = await end;
  assert.deepEqual([code, stdout], [0, ''], stderr);
});

/** A project whose worker learns late whom the server has heard of. @returns also when it first asked */
async function behindFront(context: TestContext, delayMs: number) {
  let askedAt: number | undefined;
  const trouble = (method: string) => {
    if (method !== 'DescribeTaskQueue') return undefined;
    askedAt ??= performance.now();
    return { delayMs };
  };
  const front = await TemporalFront.start({ upstream: (await testTemporal()).address, trouble });
  const project = await Project.create(smallProject('http://127.0.0.1:1'), { TEMPORAL_ADDRESS: front.address });
  context.after(async () => {
    await project.stop();
    await front.stop();
  });
  return { project, askedAt: () => askedAt };
}
