import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { accountLimits } from '../../client/top/account-limits.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { changed, RunDriver, rejected } from '../ledger/support/run-driver.ts';
import { Terminal } from '../support/terminal.ts';
import { TestProject } from './test-project.ts';

const SYNC = 'contacts-to-hubspot';
const SCOPE = `acme/dev/${SYNC}`;
const MAIN = fileURLToPath(new URL('../../client/main.ts', import.meta.url));
const THROWING = fileURLToPath(new URL('./throwing-screen.ts', import.meta.url));
const frameSchema = z.object({
  runs: z.array(
    z.object({ sync: z.string(), settled: z.number(), recordsPerSecond: z.number().nullable(), waits: z.array(z.object({ until: z.iso.datetime() })) }),
  ),
  connections: z.array(z.object({ name: z.string(), processes: z.number(), block: z.object({ reason: z.string() }).nullable() })),
  workers: z.array(z.unknown()).nullable(),
  temporal: z.string().nullable(),
  deliveries: z.array(z.object({ sync: z.string(), open: z.number(), oldest: z.iso.datetime() })),
  incidents: z.array(z.object({ rule: z.string() })),
});

describe('syncline top', { concurrency: 3 }, () => {
  const project = new TestProject();
  const env = { ...process.env, TEMPORAL_ADDRESS: '127.0.0.1:9', NO_COLOR: '1' };
  const open = () => Terminal.start([process.execPath, MAIN, 'top'], { cwd: project.directory, env, rows: 24, columns: 80 });
  let ledger: Ledger;
  let run: RunDriver;
  before(async () => {
    ledger = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
    run = await RunDriver.start(ledger, { scope: SCOPE, now: Date.now() - 42_000 });
    await run.stage([changed('1'), changed('2'), rejected('3')]);
    await ledger.setWait(run.id, 'target', { side: 'target', reason: 'hubspot asked to wait', untilMs: Date.now() + 600_000 });
    await ledger.openIncident({ id: 'i_1', scope: SCOPE, rule: 'run-failed', what: 'The last run failed.', openedBy: run.id, openedAt: Date.now() - 60_000 });
    await ledger.acceptDelivery({
      connection: 'acme/dev/crm',
      deliveryId: 'd_1',
      receivedAt: Date.now() - 120_000,
      keepUntil: Date.now() + 600_000,
      events: ['1', '2'].map((key) => ({ scope: SCOPE, key, kind: 'changed' as const })),
    });
    await ledger.blockAccount('acme/dev/hubspot', { ms: 600_000, reason: 'asked' });
    await ledger.leaseLimits({ account: 'acme/dev/hubspot', holder: 'one', weight: 4, demand: 1, meters: [], leaseMs: 600_000 });
  });
  after(async () => {
    await ledger.close();
    project.remove();
  });

  it('prints one frame where stdout is no terminal: runs, waits with their end, limits, incidents, and that Temporal does not answer', async () => {
    const { code, stdout, stderr } = await project.cli(['top'], { TEMPORAL_ADDRESS: '127.0.0.1:9' });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^1 run\n/);
    assert.match(
      stdout,
      /contacts-to-hubspot {2}syncing +1 +– +0\/s +0\/s +[\d mins]+ {2}r_1\n +1 rejected\n +target: waiting [\d mins]+: hubspot asked to wait\n/,
    );
    assert.match(stdout, /hubspot +0\/s +10\/s +0 of 8 +1 +250,000 of 250,000 in 1 d \(100 %\) +asked to wait: .*, until \d\d:\d\d:\d\d\n/);
    assert.match(stdout, /1 open incident\n[\s\S]*contacts-to-hubspot {2}run-failed {2}\d min ago {2}The last run failed\./);
    assert.match(stdout, /Webhook events that wait\n[\s\S]*contacts-to-hubspot +2 {2}\d min ago\n/);
    assert.match(stdout, /Workers\n {2}No Temporal server answers at 127\.0\.0\.1:9/);
  });

  it('prints frames as NDJSON until it is interrupted, one document with --once', async () => {
    const once = await project.cli(['top', '--once', '--json'], { TEMPORAL_ADDRESS: '127.0.0.1:9' });
    const frame = frameSchema.parse(JSON.parse(once.stdout));
    assert.deepEqual([frame.runs[0]?.sync, frame.runs[0]?.settled, frame.runs[0]?.recordsPerSecond, frame.workers], [SYNC, 1, 0, []]);
    assert.deepEqual([frame.connections[1]?.block?.reason, frame.incidents[0]?.rule, frame.deliveries[0]?.open], ['asked', 'run-failed', 2]);
    assert.match(frame.temporal ?? '', /No Temporal server answers/);
    const child = spawn(process.execPath, [MAIN, 'top', '--json'], { cwd: project.directory, env, stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.split('\n').length > 2) child.kill('SIGINT');
    });
    assert.equal(await new Promise((resolve) => child.once('close', resolve)), 0);
    const frames = said.trimEnd().split('\n');
    assert.ok(frames.length >= 2);
    for (const line of frames) assert.equal(frameSchema.parse(JSON.parse(line)).runs.length, 1);
  });

  it('fills the screen of a terminal, in any size, and gives it back by q', async (context) => {
    const terminal = await open();
    context.after(() => terminal.stop());
    await terminal.until('a frame with Temporal in it', () => terminal.screen.some((line) => line.includes('No Temporal server answers')));
    assert.equal(terminal.screen.length, 24);
    assert.match(terminal.screen[0] ?? '', /^syncline top {2}acme\/dev .*\d\d:\d\d:\d\d$/);
    assert.match(terminal.screen.join('\n'), /▸ contacts-to-hubspot/);
    assert.match(terminal.screen.at(-1) ?? '', /^q quit/);
    terminal.resize(12, 50);
    await terminal.until('a smaller frame', () => terminal.screen.length === 12);
    for (const line of terminal.screen) assert.ok(line.length <= 50, line);
    assert.match(terminal.screen.at(-1) ?? '', /PgUp PgDn scroll/);
    const top = terminal.screen[2];
    terminal.press(`${String.fromCodePoint(0x1b)}[6~`);
    await terminal.until('the rest', () => terminal.screen[2] !== top);
    terminal.press('p');
    await terminal.until('the question', () => terminal.screen.at(-1) === 'Pause contacts-to-hubspot? y/N');
    terminal.press('n');
    await terminal.until('the keys', () => (terminal.screen.at(-1) ?? '').startsWith('q quit'));
    terminal.press('q');
    assert.equal(await terminal.ended(), 0);
    assert.ok(!terminal.isAlternate && terminal.said.includes('\u001b[?25h') && terminal.said.includes('\u001b[?7h'));
  });

  it('gives it back by Ctrl-C, by SIGTERM, and where an error of ours ends it', async (context) => {
    const [pressed, ended, dying] = await Promise.all([open(), open(), Terminal.start([process.execPath, THROWING], { cwd: project.directory, env })]);
    context.after(() => Promise.all([pressed, ended, dying].map((terminal) => terminal.stop())));
    for (const terminal of [pressed, ended]) await terminal.until('a frame', () => terminal.screen.some((line) => line.includes(SYNC)));
    await dying.until('a frame', () => dying.screen[0] === 'drawn');
    pressed.press('\u0003');
    ended.signal('SIGTERM');
    dying.press('x');
    assert.deepEqual([await pressed.ended(), await ended.ended(), await dying.ended()], [0, 0, 1]);
    for (const terminal of [pressed, ended, dying]) assert.ok(!terminal.isAlternate, terminal.said);
    assert.match(dying.said.slice(dying.said.indexOf('\u001b[?1049l')), /a defect of ours/, 'its last words are on the screen that stays');
  });
});

describe('the limits of a connection', () => {
  const limits = {
    requests: [
      { count: 100, per: '10s' },
      { count: 4, per: '1s' },
      { count: 1_000, per: '1d' },
    ],
    concurrency: 8,
  };
  const holder = { holder: 'one', share: 0.5, demand: 1, places: 4, placesWanted: 6 };

  it('are what its processes ask for beside what is declared', () => {
    const found = accountLimits(
      { name: 'crm', limits },
      { account: 'a', holders: [holder, { ...holder, demand: 0.12, placesWanted: 1 }], quotas: [{ perMs: 86_400_000, used: 950 }] },
    );
    assert.deepEqual([found.allowedPerSecond, found.inFlight, found.processes], [4, { now: 5, of: 8 }, 2]);
    assert.ok(Math.abs((found.perSecond ?? 0) - 4 * (0.5 + 0.1)) < 1e-9);
    assert.deepEqual(found.quotas, [{ count: 1_000, perMs: 86_400_000, left: 50 }]);
  });

  it('let nobody go while the API has asked to wait', () => {
    const block = { untilMs: 1, reason: 'asked' } as const;
    assert.equal(accountLimits({ name: 'crm', limits }, { account: 'a', holders: [holder], quotas: [], block }).perSecond, 0);
  });

  it('are not told where none is declared', () => {
    const found = accountLimits({ name: 'crm', limits: {} }, { account: 'a', holders: [holder], quotas: [] });
    assert.deepEqual([found.allowedPerSecond, found.perSecond, found.inFlight, found.quotas], [undefined, undefined, undefined, []]);
  });
});
