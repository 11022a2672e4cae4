import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTemporalServer, type TemporalServer } from '../../worker/temporal-server/start-temporal-server.ts';
import { ScheduledProject } from '../support/scheduled-project.ts';
import { until } from '../support/until.ts';

const EVERY_MS = 3_000;
/** The shortest that Temporal allows. */
const WINDOW_MS = 10_000;

/** A server is stopped when all that uses it has ended. */
const servers: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of servers) await stop();
});

it('what was due while the server was down is run when it is back, and reads what has changed meanwhile', async (context) => {
  // All of them: one alone may be of before, where a run takes longer than from one to the next.
  const { small, downFor } = await begin(context, { contacts: `{ every: ${EVERY_MS}ms, overlap: buffer-all }` });
  const { from, to } = await downFor(2 * EVERY_MS, () => small.api.change(3, 'Changed meanwhile', 1));
  await until('what was missed', async () => (await small.actions('contacts')).some((due) => due > from && due < to));
  await until('the change to arrive', async () => small.api.contacts.get('p3@example.test')?.name === 'Changed meanwhile');
  assert.equal((await small.schedule('contacts')).info.numActionsMissedCatchupWindow, 0);
  await until('its run to be closed', async () => (await small.runs('contacts')).some(({ state, totals }) => state === 'completed' && totals.written === 1));
});

if (process.env['SYNCLINE_TEST_LONG'] === '1')
  it('what was due longer ago than the catch-up window is left out, and counted', async (context) => {
    const schedule = `every: ${EVERY_MS}ms, overlap: buffer-one`;
    const { small, downFor } = await begin(context, { contacts: `{ ${schedule} }`, notes: `{ ${schedule}, catchupWindow: ${WINDOW_MS}ms }` });
    const { from, to } = await downFor(WINDOW_MS + 3 * EVERY_MS);
    const isOf = (oldest: number) => (due: number) => due > from && due < to && due < oldest;
    await until('what was missed', async () => (await small.actions('contacts')).some(isOf(to - WINDOW_MS)));
    await until('it to be counted', async () => (await small.schedule('notes')).info.numActionsMissedCatchupWindow >= 2);
    await until('the next one', async () => (await small.actions('notes')).some((due) => due > to));
    assert.deepEqual((await small.actions('notes')).filter(isOf(to - WINDOW_MS)), []);
    assert.equal((await small.schedule('contacts')).info.numActionsMissedCatchupWindow, 0, 'a day is the default');
  });

/** On a Temporal server of the test's own, which keeps what it knows in a file; each sync has run by then. */
async function begin(context: TestContext, schedules: Readonly<Record<string, string>>) {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-catch-up-'));
  const startServer = (port: number) => startTemporalServer({ directory, port, uiPort: 0, env: process.env, onProgress: () => undefined });
  let server: TemporalServer = await startServer(0);
  servers.push(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const small = await ScheduledProject.start(context, schedules, server.address);
  for (const sync of Object.keys(schedules)) {
    await until(`a run of ${sync}`, async () => (await small.runs(sync)).some(({ state }) => state === 'completed'));
  }
  /** Kills the server. @returns from when until when it was down, at least */
  const downFor = async (ms: number, meanwhile = () => {}) => {
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    const from = Date.now();
    meanwhile();
    await sleep(ms);
    const to = Date.now();
    server = await startServer(Number(server.address.split(':')[1]));
    return { from, to };
  };
  return { small, downFor };
}
