import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { openLedger } from '../../ledger/open-ledger.ts';
import { forgetOld } from '../../worker/retention.ts';
import { attempt, changed, RunDriver, SCOPE, written } from '../ledger/support/run-driver.ts';

const DAY_MS = 86_400_000;
const ACTOR = { user: 'worker', host: 'here', way: 'worker', project: 'acme', profile: 'dev' } as const;

test('what retention says is kept no longer is forgotten, and of the audit trail that is written down; the rest stays', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'syncline-retention-'));
  const ledger = await openLedger({ url: 'sqlite', directory, values: 'plain' });
  context.after(async () => {
    await ledger.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const sample = { connection: 'crm', method: 'GET', path: '/', durationMs: 1, isError: false };
  const keep = (id: string, sentAt: number) => ledger.keepSamples({ scope: SCOPE, runId: 'r_1', samples: [{ id, sample: { ...sample, sentAt }, keys: [] }] });
  await keep('s_old', DAY_MS);
  await keep('s_new', 8 * DAY_MS);
  const run = await RunDriver.start(ledger);
  await run.stage([changed('1'), changed('2')]);
  await run.settle(await run.mustClaim(), ({ id }) => written(id), [attempt()]);
  await run.close();
  await run.end();
  const forget = (auditMs: number | undefined, now: number) =>
    forgetOld({ ledger, keeping: { sampleRate: '1%', samplesMs: 7 * DAY_MS, auditMs }, actor: ACTOR, log: pino({ enabled: false }), now: () => now });

  await forget(undefined, 8.5 * DAY_MS);
  assert.deepEqual(
    (await ledger.readSamples({ scope: SCOPE, limit: 10 })).map(({ id }) => id),
    ['s_new'],
  );
  assert.deepEqual(await ledger.listAudit({ project: 'acme', profile: 'dev', limit: 10 }), [], 'without a time the audit trail is kept for ever');

  await forget(90 * DAY_MS, 100 * DAY_MS);
  const entries = await ledger.listAudit({ project: 'acme', profile: 'dev', limit: 10 });
  assert.deepEqual(
    entries.map(({ action, details }) => ({ action, details })),
    [{ action: 'ledger.pruned', details: { before: '1970-01-11', changes: 2, verdicts: 0, batches: 1 } }],
  );
  await forget(90 * DAY_MS, 100 * DAY_MS);
  assert.equal((await ledger.listAudit({ project: 'acme', profile: 'dev', limit: 10 })).length, 1, 'where nothing is forgotten nothing is written down');
});
