import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { TestProject } from './test-project.ts';

describe('without a Temporal server', { concurrency: 4 }, () => {
  const project = new TestProject();
  let address = '';

  before(async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('no port');
    address = `127.0.0.1:${bound.port}`;
    await new Promise((resolve) => server.close(resolve));
  });
  after(() => project.remove());

  for (const words of [['run', 'contacts-to-hubspot'], ['pause', 'contacts-to-hubspot', '--yes'], ['worker']]) {
    test(`${words[0]} says in one sentence what to start, soon, and ends with 5`, async () => {
      const startedAt = Date.now();
      const { code, stdout, stderr } = await project.cli(words, { TEMPORAL_ADDRESS: address });
      assert.deepEqual([code, stdout], [5, '']);
      assert.equal(stderr, `✗ No Temporal server answers at ${address}. Start one with "syncline dev", or set TEMPORAL_ADDRESS to the one you have.\n`);
      assert.ok(Date.now() - startedAt < 25_000, `took ${Date.now() - startedAt} ms`);
    });
  }

  test('a dev.lock whose process is gone is not believed, one that lives gives the address', async () => {
    const lock = (pid: number) => JSON.stringify({ pids: { dev: pid }, address, uiUrl: 'http://127.0.0.1:1', startedAt: 1 });
    project.write('.syncline/dev.lock', lock(process.pid));
    const alive = await project.cli(['run', 'contacts-to-hubspot']);
    assert.match(alive.stderr, new RegExp(`No Temporal server answers at ${address}`));
    const second = await project.cli(['dev']);
    assert.equal(second.code, 1);
    assert.match(second.stderr, /"syncline dev" runs for this project already \(process \d+, started .+ ago\)/);
    project.write('.syncline/dev.lock', lock(2 ** 22 + 1));
    const stale = await project.cli(['run', 'contacts-to-hubspot']);
    assert.doesNotMatch(stale.stderr, new RegExp(address));
  });

  test('looking needs no server', async () => {
    for (const words of [['status'], ['runs', 'contacts-to-hubspot'], ['errors', 'contacts-to-hubspot']]) {
      const { code, stderr } = await project.cli(words, { TEMPORAL_ADDRESS: address });
      assert.equal(code, 0, stderr);
    }
  });
});
