import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import pino from 'pino';
import { heardByServer } from '../../worker/heard-by-server.ts';
import { testTemporal } from '../support/temporal.ts';

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
