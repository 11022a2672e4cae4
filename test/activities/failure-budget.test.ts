import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CancelledFailure } from '@temporalio/common';
import { ComparingBudget } from '../../activities/comparing-budget.ts';
import { budgeted } from '../../activities/failure-budget.ts';
import { type ErrorCode, type RetryClass, SyncError } from '../../engine/errors.ts';
import type { StagedRecord } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { makeFolder } from '../definition/make-project.ts';
import { RunDriver, unchanged } from '../ledger/support/run-driver.ts';

/** A run that got nowhere yet: what it throws for each of so many failures. */
async function thrown(context: TestContext, count: number, failure: unknown, page: readonly StagedRecord[] = []): Promise<readonly unknown[]> {
  const ledger = await openLedger({ url: 'sqlite::memory:', directory: makeFolder(context, {}), values: 'plain' });
  context.after(() => ledger.close());
  const driver = await RunDriver.start(ledger);
  if (page.length > 0) await driver.stage(page);
  const { id } = driver;
  const dependencies = { ledger, draining: new AbortController().signal, now: () => 1_000, random: () => 0 };
  const run = { run: { id, options: {} }, definition: { giveUpAfterMs: 3_600_000 } };
  const answers: unknown[] = [];
  for (let failed = 0; failed < count; failed++) {
    answers.push(await budgeted(dependencies, run, { segment: 0, side: 'source' }, failure));
  }
  return answers;
}

/** How it is to go on. */
const failures = async (...given: Parameters<typeof thrown>) => (await thrown(...given)).map((error) => (error instanceof SyncError ? error.retry : error));

const away = (retry: RetryClass, code: ErrorCode = 'SYSTEM_UNAVAILABLE') => new SyncError({ code, retry, message: 'crm is away.' });

describe('a run that gets nowhere', () => {
  it('for a defect is given up as for any other failure, and does not say what may be a value of a record', async (context) => {
    const defect = new TypeError('jane.doe@example.test is not a function');
    const [first, second, last] = await thrown(context, 3, defect);
    assert.ok(first instanceof SyncError && second instanceof SyncError && last instanceof SyncError);
    assert.deepEqual([first.retry, second.retry, last.retry], [{ afterMs: 500 }, { afterMs: 1_000 }, 'never']);
    assert.deepEqual([last.code, first.message], ['INTERNAL', 'A defect in Syncline (TypeError): the log of the worker says where.']);
    assert.equal(first.cause instanceof SyncError && first.cause.cause, defect);
  });

  it('for a cancellation is cancelled', async (context) => {
    const cancelled = new CancelledFailure('cancelled');
    assert.deepEqual(await failures(context, 1, cancelled), [cancelled]);
  });

  it('is given up after some failures', async (context) => {
    assert.deepEqual(await failures(context, 3, away('backoff')), [{ afterMs: 500 }, { afterMs: 1_000 }, 'never']);
  });

  it('has got somewhere once it has read a page, though nothing was to be written', async (context) => {
    const answers = await failures(context, 5, away('backoff'), [unchanged('1')]);
    assert.deepEqual(answers.at(-1), { afterMs: 8_000 });
  });

  for (const code of ['RATE_LIMITED', 'SYSTEM_UNAVAILABLE'] as const) {
    it(`waits for as long as the API asks, and as often (${code})`, async (context) => {
      assert.deepEqual(await failures(context, 5, away({ afterMs: 10_000 }, code)), Array(5).fill({ afterMs: 10_000 }));
    });
  }

  it('does not take a wait of next to nothing for one', async (context) => {
    assert.equal((await failures(context, 3, away({ afterMs: 0 }))).at(-1), 'never');
  });
});

describe('a comparison that gets nowhere', () => {
  const GIVE_UP_AFTER_MS = 60_000;

  /** Each failure half a minute after the one before. @returns how it goes on after each */
  async function answers(context: TestContext, error: SyncError, failed: readonly { readonly hasGotOn: boolean; readonly hasBegun: boolean }[]) {
    const ledger = await openLedger({ url: 'sqlite::memory:', directory: makeFolder(context, {}), values: 'plain' });
    context.after(() => ledger.close());
    const { id } = await RunDriver.start(ledger);
    let now = 0;
    const dependencies = { ledger, draining: new AbortController().signal, now: () => now, random: () => 0 };
    const budget = new ComparingBudget();
    const input = { ref: { project: 'acme', profile: 'dev', sync: 'contacts' }, id: 'd_1', runId: id };
    const retries: unknown[] = [];
    for (const progress of failed) {
      const thrown = await budget.judge(dependencies, input, { ...progress, giveUpAfterMs: GIVE_UP_AFTER_MS }, error);
      retries.push(thrown instanceof SyncError ? thrown.retry : thrown);
      now += 30_000;
    }
    return { retries, waits: (await ledger.readRun(id))?.waits };
  }

  const AWAY = new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message: 'crm is away.' });
  const NOTHING = { hasGotOn: false, hasBegun: false };
  const STUCK = { hasGotOn: false, hasBegun: true };
  const ON = { hasGotOn: true, hasBegun: true };

  it('is given up after some failures, and its run says meanwhile what it waits for', async (context) => {
    const { retries, waits } = await answers(context, AWAY, [NOTHING, NOTHING, NOTHING]);
    assert.deepEqual(retries, [{ afterMs: 500 }, { afterMs: 1_000 }, 'never']);
    assert.deepEqual(waits, [{ side: 'target', reason: 'crm is away.', untilMs: 31_000 }]);
  });

  it('is given up some time after it last got on, where it has compared anything', async (context) => {
    const { retries } = await answers(context, AWAY, [ON, STUCK, ON, STUCK, STUCK, STUCK]);
    assert.deepEqual(retries, [{ afterMs: 500 }, { afterMs: 1_000 }, { afterMs: 500 }, { afterMs: 1_000 }, { afterMs: 2_000 }, 'never']);
  });

  it('waits for as long as the API asks, and as often', async (context) => {
    const asked = new SyncError({ code: 'RATE_LIMITED', retry: { afterMs: 10_000 }, message: 'crm asks to wait.' });
    assert.deepEqual((await answers(context, asked, Array(5).fill(NOTHING))).retries, Array(5).fill({ afterMs: 10_000 }));
  });
});
