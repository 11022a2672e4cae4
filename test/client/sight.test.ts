import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import type { ChangeOutcome, Ledger, StagedRecord } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { TestProject } from './test-project.ts';

const SCOPE = 'acme/dev/contacts-to-hubspot';
const DONE = 'r_0000001aaa';
const LIVE = 'r_0000002bbb';
const COST = { requests: 2, retries: 1, throttled: 0 };
const TERMS = { mappingHash: 'mapping', afterMs: [300_000], untilMs: 3_600_000 };

describe('looking at runs and records', { concurrency: 4 }, () => {
  const project = new TestProject();
  const cli = (...words: string[]) => project.cli(words);
  before(async () => {
    const ledger = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
    await fill(ledger);
    await ledger.close();
  });
  after(() => project.remove());

  test('status shows each sync with what runs, how far it is, and why it waits', async () => {
    const { code, stdout } = await cli('status');
    assert.equal(code, 0);
    const [, row] = stdout.split('\n');
    assert.match(row ?? '', /^contacts-to-hubspot {2}● running 0 % {2}since \d+ s {2,}1 +0 +0 +0$/);
    assert.match(stdout, /contacts-to-hubspot: target: waiting \d+ min( \d+ s)?: hubspot allows 10 requests\/s/);
  });

  test('runs lists them, newest first', async () => {
    const { stdout } = await cli('runs', 'contacts-to-hubspot');
    const rows = stdout.trimEnd().split('\n').slice(1);
    assert.deepEqual(
      rows.map((row) => row.slice(0, 12)),
      [LIVE, DONE],
    );
    assert.match(rows[1] ?? '', /✓ completed with rejections {2}manual .+ 5 +2 +1 +2$/);
  });

  test('show tells the outcomes, the books and the reasons of a run named by a unique beginning', async () => {
    const { code, stdout } = await cli('show', 'r_0000001');
    assert.equal(code, 0);
    assert.match(stdout, /^✓ completed with rejections {2}contacts-to-hubspot in 42 s {2}r_0000001aaa\n/);
    assert.match(
      stdout,
      /\n {2}read +5\n {2}created +1\n {2}updated +1\n {2}unchanged +1\n {2}rejected +2 {2}40 %, more than the 10 % of guard\.maxRejectedPercent\n/,
    );
    assert.match(stdout, /requests +4, 2 retried, none answered 429/);
    assert.match(stdout, /books +closed: 5 records taken, each with its outcome/);
    assert.match(stdout, /1 {2}email: a value is required, and mail is empty\n +required-missing; key 4\n +→ Fill the field in the source/);
  });

  test('a beginning that several runs share is refused with their names', async () => {
    const { code, stderr } = await cli('show', 'r_00');
    assert.equal(code, 2);
    assert.match(stderr, /Several runs begin with "r_00": r_0000002bbb, r_0000001aaa\. Type more of the id\./);
  });

  test('errors groups by reason with counts, keys and a hint, in words and as JSON', async () => {
    const { stdout, stderr } = await cli('errors', 'contacts-to-hubspot');
    assert.match(stdout, /^contacts-to-hubspot: 2 records rejected, for 2 reasons\n/);
    assert.match(stderr, /Send them again: +syncline retry contacts-to-hubspot\n/);
    const document = z
      .object({
        rejected: z.literal(2),
        groups: z.array(z.object({ reason: z.string(), count: z.number(), sampleKeys: z.array(z.string()), hint: z.string() })),
      })
      .parse(JSON.parse((await cli('errors', 'contacts-to-hubspot', '--json')).stdout));
    assert.deepEqual(document.groups.map((group) => group.reason).toSorted(), ['api-rejected', 'required-missing']);
  });

  test("a record's whole story is told by key or by match, its sensitive values hidden", async () => {
    const { code, stdout } = await cli('records', 'contacts-to-hubspot', '--key', '1');
    assert.equal(code, 0);
    for (const words of [
      /now +written/,
      /target id +901 +https:\/\/app\.hubspot\.com\/.*901/,
      /email +ada@x\.test/,
      /phone +•••/,
      /sent +sent in batch b_1: POST \/batch/,
      /answered +answered 207, request id q-7/,
      /created as 901/,
    ]) {
      assert.match(stdout, words);
    }
    assert.doesNotMatch(stdout, /SECRET/);
    const byMatch = await cli('records', 'contacts-to-hubspot', '--match', 'ada@x.test', '--json');
    assert.equal(z.object({ record: z.looseObject({ key: z.string(), firstSeenAt: z.iso.datetime() }) }).parse(JSON.parse(byMatch.stdout)).record.key, '1');
    assert.doesNotMatch(byMatch.stdout, /SECRET/);
  });

  test('a rejected record tells why, and what to do', async () => {
    const { stdout, stderr } = await cli('records', 'contacts-to-hubspot', '--key', '4');
    assert.match(stdout, /now +rejected: email: a value is required, and mail is empty\n +→ Fill the field/);
    assert.match(stderr, /Send it again: syncline retry contacts-to-hubspot --key 4/);
  });

  test("an API's words can not steer the terminal", async () => {
    const { stdout } = await cli('records', 'contacts-to-hubspot', '--key', '3');
    assert.match(stdout, /rejected: evil words/);
    assert.ok(!stdout.includes('\u001b'));
  });

  test('a record that nobody met is an error with its own words', async () => {
    const { code, stderr } = await cli('records', 'contacts-to-hubspot', '--key', '99');
    assert.equal(code, 1);
    assert.match(stderr, /contacts-to-hubspot has never met a record with key "99"/);
  });

  test('retry of what is neither rejected nor held says that there is nothing to do, and needs no server', async () => {
    const { code, stdout, stderr } = await cli('retry', 'contacts-to-hubspot', '--key', '1');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'None of these is a rejected or held record of contacts-to-hubspot that can be sent again.\n');
  });
});

/** One finished run of five records (created, updated, unchanged, two rejected), and one that has just begun and waits. */
async function fill(ledger: Ledger): Promise<void> {
  const start = Date.now() - 600_000;
  await begin(ledger, DONE, start);
  const change = (email: string) => ({
    kind: 'upsert' as const,
    fields: { email, phone: '+1 SECRET 0100' },
    contentHash: email,
    match: email,
    source: { mail: email },
    bytes: 20,
  });
  const rejection = { reason: 'required-missing', field: 'email', message: 'a value is required, and mail is empty', retry: 'never' as const };
  await stage(ledger, DONE, start, [
    { disposition: 'change', key: '1', change: change('ada@x.test') },
    { disposition: 'change', key: '2', change: change('bob@x.test') },
    { disposition: 'change', key: '3', change: change('eve@x.test') },
    { disposition: 'rejected', key: '4', rejection, source: {}, contentHash: 'x', isRepeat: false },
    { disposition: 'unchanged', key: '5' },
  ]);
  await ledger.closeSegment(DONE, 0, 'reader', { state: 'complete', isLast: true });
  const claim = await ledger.claimBatch({
    runId: DONE,
    segment: 0,
    batchId: 'b_1',
    token: 'writer',
    maxRecords: 10,
    maxBytes: 1e6,
    sendBy: start + 9_000,
    terms: TERMS,
    at: start + 2_000,
  });
  assert.equal(claim.state, 'claimed');
  if (claim.state !== 'claimed') return;
  const outcomes = claim.batch.changes.map(({ id, key }): ChangeOutcome => {
    if (key === '3')
      return {
        changeId: id,
        outcome: 'rejected',
        rejection: { reason: 'api-rejected', message: 'evil\u001b[2J words: email address is invalid', retry: 'never' },
      };
    return { changeId: id, outcome: 'written', created: key === '1', targetId: key === '1' ? '901' : '902' };
  });
  const attempt = { sentAt: start + 2_100, answeredAt: start + 2_300, status: 207, requestId: 'q-7', method: 'POST', path: '/batch' };
  await ledger.settleBatch({ batchId: 'b_1', token: 'writer', outcomes, terms: TERMS, attempts: [attempt], cost: COST, at: start + 2_400 });
  await ledger.closeRun(DONE, { state: 'completed-with-rejections', totals: await ledger.deriveTotals(DONE), at: start + 42_000 });

  const now = Date.now() - 5_000;
  await begin(ledger, LIVE, now);
  await ledger.setExpected(LIVE, 10);
  await stage(ledger, LIVE, now, [{ disposition: 'change', key: '6', change: change('joe@x.test') }]);
  await ledger.setWait(LIVE, 'target', { side: 'target', reason: 'hubspot allows 10 requests/s', untilMs: Date.now() + 300_000 });
}

async function begin(ledger: Ledger, id: string, at: number): Promise<void> {
  await ledger.requestRun({ id, scope: SCOPE, trigger: 'manual', options: {}, at });
  await ledger.openRun({ id, scope: SCOPE, definitionHash: 'hash', trigger: 'manual', workflowId: `sync/${SCOPE}`, firstExecutionRunId: id, window: {}, at });
  await ledger.setPhase(id, 'syncing');
  await ledger.openSegment(id, 0, at);
  await ledger.claimReader(id, 0, 'reader');
}

async function stage(ledger: Ledger, runId: string, at: number, records: readonly StagedRecord[]): Promise<void> {
  const page = { segment: 0, token: 'reader', targetScope: 'acme/dev/hubspot/contacts', nextCursor: undefined, isLast: true, bytes: 100, isSealed: false };
  await ledger.stagePage({ ...page, runId, records, isRetry: false, terms: TERMS, observedAt: at, cost: COST, at: at + 1_000 });
}
