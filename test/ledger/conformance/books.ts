import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { closeBooks } from '../../../engine/books.ts';
import type { ChangeOutcome, ClaimedChange, StagedRecord } from '../../../ledger/ledger.ts';
import { changedTo, held, NEVER, RunDriver, rejected, skipped, unchanged } from '../support/run-driver.ts';
import { closing, type OpenStore } from './open-store.ts';

type Step =
  | {
      readonly do: 'page';
      readonly records: readonly { readonly key: string; readonly version: number; readonly as: string }[];
      readonly claims: number;
      readonly answers: readonly string[];
    }
  | { readonly do: 'write'; readonly maxRecords: number; readonly answers: readonly string[] }
  | { readonly do: 'resolve'; readonly answers: readonly string[] };

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];
const ANSWERS = ['created', 'updated', 'written', 'unchanged', 'superseded', 'rejected', 'held', 'again', 'omitted'];

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('page' as const),
    records: fc.array(
      fc.record({
        key: fc.constantFrom(...KEYS),
        version: fc.integer({ min: 1, max: 3 }),
        as: fc.constantFrom('change', 'change', 'change', 'unchanged', 'skipped', 'rejected', 'held'),
      }),
      { maxLength: 8 },
    ),
    claims: fc.integer({ min: 0, max: 2 }),
    answers: fc.array(fc.constantFrom(...ANSWERS), { minLength: 2, maxLength: 2 }),
  }),
  fc.record({
    do: fc.constant('write' as const),
    maxRecords: fc.integer({ min: 1, max: 4 }),
    answers: fc.array(fc.constantFrom(...ANSWERS), { minLength: 4, maxLength: 4 }),
  }),
  fc.record({ do: fc.constant('resolve' as const), answers: fc.array(fc.constantFrom(...ANSWERS), { minLength: 4, maxLength: 4 }) }),
);

export function booksConformance(openStore: OpenStore): void {
  describe('books', () => {
    const open = closing(openStore);

    it('close after any order of pages, batches, answers and lost answers, and live totals end as the rows say', async () => {
      const ledger = await open();
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 14 }), fc.array(step, { maxLength: 8 }), async (before, after) => {
          runs += 1;
          const scope = `acme/dev/sync-${runs}`;
          // Two runs of one sync, so that the second meets what the first has left: unknown writes, rejections, records it knows.
          for (const [n, steps] of [before, after].entries()) {
            const run = await RunDriver.start(ledger, { id: `r_${runs}_${n}`, scope, now: n * 10_000 });
            for (const one of steps) await perform(run, one);
            await drain(run);
            const totals = await ledger.deriveTotals(run.id);
            const books = closeBooks(totals);
            assert.equal(books.difference, 0, `taken ${books.taken}, outcomes ${books.sum}`);
            assert.ok(books.closes);
            assert.deepEqual(await run.liveTotals(), totals);
            await run.end();
          }
        }),
        { numRuns: 60 },
      );
    });
  });
}

/** As a writer ends its segment: nothing planned; where something waits behind a lost answer, that is looked into first. */
async function drain(run: RunDriver): Promise<void> {
  for (;;) {
    await run.writeAll();
    if ((await run.ledger.readBacklog(run.id, 0)).planned === 0) return;
    const [lost] = await run.ledger.listUnresolved(run.id, 0, []);
    assert.ok(lost, 'changes are planned, nothing is in flight, and nothing can be claimed');
    await run.settle(await run.takeOver(lost.id, 'drain'), ({ id }) => ({ changeId: id, outcome: 'written', created: false }));
  }
}

async function perform(run: RunDriver, one: Step): Promise<void> {
  if (one.do === 'page') {
    const claims = Array.from({ length: one.claims }, () => ({ maxRecords: 2 }));
    const { claimed, waited } = await run.stageFor(claims, one.records.map(stagedAs), { targetScope: run.scope });
    for (const batch of [...waited, ...claimed]) await run.settle(batch, (change) => answerTo(change, one.answers[batch.changes.indexOf(change)] ?? 'created'));
    return;
  }
  const [lost] = await run.ledger.listUnresolved(run.id, 0, []);
  const batch =
    one.do === 'write'
      ? await run.claim({ maxRecords: one.maxRecords })
      : lost === undefined
        ? undefined
        : await run.takeOver(lost.id, `resolver ${run.tick()}`);
  if (batch === undefined) return;
  await run.settle(batch, (change) => answerTo(change, one.answers[batch.changes.indexOf(change) % one.answers.length] ?? 'created'));
}

function stagedAs({ key, version, as }: { readonly key: string; readonly version: number; readonly as: string }): StagedRecord {
  if (as === 'unchanged') return unchanged(key);
  if (as === 'skipped') return skipped(key);
  if (as === 'rejected') return rejected(key, { contentHash: `bad ${version}` });
  if (as === 'held') return held(key, version === 1 ? 'unknown' : 'missing-reference');
  return changedTo(key, `version ${version}`);
}

function answerTo({ id }: ClaimedChange, answer: string): ChangeOutcome | undefined {
  switch (answer) {
    case 'omitted':
      return undefined;
    case 'again':
      return { changeId: id, outcome: 'again' };
    case 'rejected':
      return { changeId: id, outcome: 'rejected', rejection: NEVER };
    case 'held':
      return { changeId: id, outcome: 'held', reason: 'conflict', message: 'two of them' };
    case 'unchanged':
    case 'superseded':
      return { changeId: id, outcome: answer };
    default:
      return { changeId: id, outcome: 'written', targetId: `t${id}`, ...(answer === 'written' ? {} : { created: answer === 'created' }) };
  }
}
