import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Ledger } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { attempt, changed, NEVER, RunDriver, rejected, written } from '../ledger/support/run-driver.ts';
import { until } from '../support/until.ts';
import { TestProject } from './test-project.ts';

const SYNC = 'contacts-to-hubspot';
const SCOPE = `acme/dev/${SYNC}`;
const MAIN = fileURLToPath(new URL('../../client/main.ts', import.meta.url));
const HOUR = 3_600_000;
const START = Date.now() - 2 * HOUR;
const eventSchema = z.looseObject({ schemaVersion: z.literal(1), at: z.iso.datetime(), event: z.string(), run: z.string().optional(), text: z.string() });
const eventsOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => eventSchema.parse(JSON.parse(line)));

describe('syncline logs', () => {
  const project = new TestProject();
  const logs = (...words: string[]) => project.cli(['logs', SYNC, ...words]);
  let ledger: Ledger;
  before(async () => {
    ledger = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
    await fill(ledger);
  });
  after(async () => {
    await ledger.close();
    project.remove();
  });

  it('tells in order of time what runs, requests, records, alerts and people did', async () => {
    const { code, stdout } = await logs();
    assert.equal(code, 0);
    const [day = '', ...lines] = stdout.trimEnd().split('\n');
    assert.match(day, /^\d{4}-\d\d-\d\d$/);
    const told = lines.filter((line) => /^\d\d:\d\d:\d\d\.\d{3} {2}/.test(line)).map((line) => line.slice(14).replaceAll(/ +/g, ' '));
    const timeless = (line: string) => line.replace(/waits .*, until \d\d:\d\d:\d\d/, 'waits');
    assert.deepEqual(told.map(timeless), [
      'r_1 begun the run begins, by manual',
      'r_1 segment segment 1: 3 records in 1 page, 0 requests',
      'r_1 rejected key 3: email: email is required',
      'r_1 stood-still for 29 s: nothing was read, sent or settled',
      'r_1 refused POST /contacts/batch was answered 429 after 40 ms (upsert of 2 records)',
      'r_1 repeated POST /contacts/batch was answered 207 after 30 ms (upsert of 2 records, attempt 2, request id abc)',
      'r_1 run.paused by ada@laptop: because of lunch',
      'r_1 rejected key 2: no',
      'r_1 ended completed with rejections after 1 min: 3 read, 1 created, 2 rejected; 0 requests',
      'r_1 alert run-failed: The last run failed.',
      'r_2 begun the run begins, by schedule: from 2026-01-01',
      'r_2 alert-over run-failed is over',
      'r_2 segment segment 1 begins',
      'r_2 no-answer POST /contacts/batch had no answer: connection reset (upsert of 1 record)',
      'r_2 lost whether 1 record of batch b_2_1 was written is not known; it is looked into',
      'r_2 waiting target waits: hubspot asked to wait',
    ]);
  });

  it('is cut by run, by time and by number, and refuses what it does not know', async () => {
    const only = eventsOf((await logs('--run', 'r_1', '--json')).stdout);
    assert.deepEqual([only.length, [...new Set(only.map(({ run }) => run))]], [10, ['r_1']]);
    assert.deepEqual(eventsOf((await logs('--run', 'last', '--json')).stdout)[0]?.run, 'r_2');
    const late = eventsOf((await logs('--since', '30m', '--json')).stdout);
    assert.deepEqual(
      late.map(({ event }) => event),
      ['lost', 'waiting'],
    );
    const newest = await logs('--limit', '2');
    assert.match(newest.stderr, /The newest 2; more with --limit/);
    assert.equal(newest.stdout.trimEnd().split('\n').length, 3);
    assert.match((await logs('--since', 'monday')).stderr, /--since: expected a duration such as 7d/);
    assert.match((await logs('--run', 'r_9')).stderr, /There is no run "r_9"/);
    assert.match((await logs('--key', '99')).stderr, /has never met a record with key "99"/);
  });

  it('tells the whole story of one record, its sensitive values hidden', async () => {
    const { stdout } = await logs('--key', '2', '--json');
    const story = eventsOf(stdout);
    assert.deepEqual(
      story.map(({ event }) => event),
      ['first-seen', 'staged', 'sent', 'answered', 'sent', 'answered', 'rejected'],
    );
    assert.ok(!stdout.includes('555-0199') && stdout.includes('•••'));
    assert.deepEqual(eventsOf((await logs('--key', '1', '--json')).stdout).at(-1)?.text, 'created as t1');
  });

  it('has the requests and answers that were kept where it is asked for them, of a run or of one record', async () => {
    assert.ok(!(await logs()).stdout.includes('"mail"'));
    const all = (await logs('--samples', '--run', 'r_1')).stdout;
    assert.match(
      all,
      /r_1 {11}sample {12}hubspot: POST \/contacts\/batch was answered 207 after 30 ms \(request id abc\)\n {46}> {"mail":"k2@x\.test"}\n {46}< \[{"id" …\n/,
    );
    const [sample] = eventsOf((await logs('--samples', '--key', '2', '--json')).stdout).filter(({ event }) => event === 'sample');
    assert.deepEqual(sample?.['sent'], { text: '{"mail":"k2@x.test"}', isCut: false });
    assert.deepEqual(
      eventsOf((await logs('--samples', '--key', '1', '--json')).stdout).filter(({ event }) => event === 'sample'),
      [],
    );
  });

  it('goes on with what comes, each once, until it is interrupted', async () => {
    const child = spawn(process.execPath, [MAIN, 'logs', SYNC, '--follow', '--json'], { cwd: project.directory, stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    const closed = new Promise((resolve) => child.once('close', resolve));
    await until('what was before', () => said.includes('"waiting"'));
    const other = await RunDriver.start(ledger, { id: 'r_3', scope: SCOPE, now: Date.now(), workflowId: 'backfill/3', window: { from: 'a', to: 'b' } }).catch(
      () => undefined,
    );
    assert.equal(other, undefined, 'one live run');
    await ledger.setWait('r_2', 'target', null);
    const run = new RunDriver(ledger, { id: 'r_2', scope: SCOPE, now: Date.now() });
    await run.stage([rejected('7')]);
    await until('the record', () => said.includes('"key 7: email: email is required"'));
    await run.end('failed');
    await until('the end', () => said.includes('failed after'));
    child.kill('SIGINT');
    assert.equal(await closed, 0);
    const events = eventsOf(said).filter(({ run: id, event }) => id === 'r_2' && event !== 'waiting');
    assert.deepEqual(
      events.slice(-2).map(({ event }) => event),
      ['rejected', 'ended'],
    );
    assert.equal(new Set(events.map(({ event, text }) => event + text)).size, events.length);
  });
});

/** Two runs: one that was paused and had its troubles, and one that waits for an answer that was lost. */
async function fill(ledger: Ledger): Promise<void> {
  const run = await RunDriver.start(ledger, { scope: SCOPE, now: START });
  await run.stage([changed('1'), changed('2', { fields: { email: 'k2@x.test', phone: '555-0199' } }), rejected('3')]);
  const batch = await run.mustClaim();
  const at = START + 30_000;
  await ledger.appendAudit({
    user: 'ada',
    host: 'laptop',
    way: 'cli',
    project: 'acme',
    profile: 'dev',
    at: at + 90,
    action: 'run.paused',
    sync: SYNC,
    runId: run.id,
    details: { because: 'of lunch' },
  });
  run.now = at + 100;
  await run.settle(
    batch,
    ({ id, key }) => (key === '2' ? { changeId: id, outcome: 'rejected', rejection: NEVER } : written(id, { created: true, targetId: `t${key}` })),
    [attempt({ sentAt: at, answeredAt: at + 40, status: 429 }), attempt({ sentAt: at + 50, answeredAt: at + 80, status: 207, requestId: 'abc' })],
  );
  const body = { sent: { text: '{"mail":"k2@x.test"}', isCut: false }, received: { text: '[{"id"', isCut: true } };
  const sample = {
    connection: 'hubspot',
    method: 'POST',
    path: '/contacts/batch',
    sentAt: at + 50,
    durationMs: 30,
    status: 207,
    requestId: 'abc',
    isError: true,
    ...body,
  };
  await ledger.keepSamples({ scope: SCOPE, runId: run.id, samples: [{ id: 's_1', sample, keys: ['2'] }] });
  await run.close();
  await ledger.closeRun(run.id, { state: 'completed-with-rejections', totals: await ledger.deriveTotals(run.id), at: START + 60_000 });
  await ledger.openIncident({ id: 'i_1', scope: SCOPE, rule: 'run-failed', what: 'The last run failed.', openedBy: run.id, openedAt: START + 61_000 });
  const second = new RunDriver(ledger, { id: 'r_2', scope: SCOPE, now: START + HOUR });
  await second.open({ trigger: 'schedule', window: { from: '2026-01-01' } });
  await ledger.closeIncident({ scope: SCOPE, rule: 'run-failed', closedBy: 'r_2', closedAt: START + HOUR + 2 });
  await second.openSegment(0);
  await second.stage([changed('5')]);
  const lost = await second.mustClaim({ batchId: 'b_2_1' });
  second.now = Date.now() - 1_000;
  await second.lose(lost, [{ sentAt: START + HOUR + 10, method: 'POST', path: '/contacts/batch', failure: 'connection reset' }]);
  await ledger.setWait('r_2', 'target', { side: 'target', reason: 'hubspot asked to wait', untilMs: Date.now() + HOUR });
}
