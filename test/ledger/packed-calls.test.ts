import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CHANGE_KINDS } from '../../engine/outcome.ts';
import type { SettleInput } from '../../ledger/ledger.ts';
import type { StagedPageTexts, StagePageTexts, TextLedger } from '../../ledger/text-ledger.ts';
import { packedCalls, withPackedCalls } from '../../ledger/thread/packed-calls.ts';
import { NO_COST, TERMS } from './support/run-driver.ts';

const PLAIN = { noNullPrototype: true } as const;
/** Any text: halves of surrogate pairs too, which must not be joined to what stands beside them. */
const text = fc.string({ unit: 'binary', maxLength: 12 });
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const change = fc.record(
  {
    kind: fc.constantFrom(...CHANGE_KINDS),
    payload: text,
    sourceText: text,
    contentHash: text,
    match: text,
    bytes: fc.nat(),
    targetId: text,
    sourceVersion: text,
  },
  { requiredKeys: ['kind', 'payload', 'sourceText', 'contentHash', 'match', 'bytes'], noNullPrototype: true },
);
const staged = fc.oneof(
  fc.record({ disposition: fc.constant('change' as const), key: text, change }, PLAIN),
  fc.record({ disposition: fc.constant('change' as const), key: text, change, awaits: fc.constant({ references: [], source: {} }) }, PLAIN),
  fc.record({ disposition: fc.constant('unchanged' as const), key: text }, PLAIN),
  fc.record({ disposition: fc.constant('skipped' as const), key: text, reason: text }, PLAIN),
);
const outcome = fc.oneof(
  fc.record(
    { changeId: fc.nat(), outcome: fc.constant('written' as const), created: fc.boolean(), targetId: text },
    { requiredKeys: ['changeId', 'outcome'], ...PLAIN },
  ),
  fc.record({ changeId: fc.nat(), outcome: fc.constant('again' as const) }, PLAIN),
);
const handed = fc.array(fc.record({ id: fc.nat(), key: text, targetId: maybe(text) }, PLAIN));

describe('calls that carry much of each record', () => {
  it('arrive as they were made, whatever the records hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(staged), fc.array(outcome), handed, async (records, outcomes, changes) => {
        const [page, settling] = [pageOf(records), settlingOf(outcomes)];
        const answer: StagedPageTexts = {
          staged: 1,
          seenAgain: 0,
          waited: [],
          claimed: [{ id: 'b_1', token: 't', kind: 'upsert', changes, attempts: 0, sendBy: 1 }],
        };
        const { calls, far } = otherSide(answer);
        assert.deepEqual(await far.stagePage(page), answer);
        await far.settleBatch(settling);
        assert.deepEqual(calls, [page, settling]);
      }),
    );
  });
});

/** A ledger behind a border that only what can be cloned crosses. */
function otherSide(answer: StagedPageTexts) {
  const calls: unknown[] = [];
  const ledger: Pick<TextLedger, 'stagePage' | 'settleBatch'> = {
    stagePage: async (input) => {
      calls.push(input);
      return answer;
    },
    settleBatch: async (input) => void calls.push(input),
  };
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- no other method is called
  const near = new Map(Object.entries(withPackedCalls(ledger as TextLedger)) as [string, (input: unknown) => Promise<unknown>][]);
  const far = packedCalls(async (method, input) => structuredClone(await near.get(method)?.(structuredClone(input))));
  return { calls, far };
}

function pageOf(records: StagePageTexts['records']): StagePageTexts {
  const place = { runId: 'r_1', segment: 0, token: 't', targetScope: 's', nextCursor: undefined, isLast: false };
  return { ...place, records, isRetry: false, terms: TERMS, observedAt: 1, bytes: 1, cost: NO_COST, isSealed: false, at: 1 };
}

function settlingOf(outcomes: SettleInput['outcomes']): SettleInput {
  return { batchId: 'b_1', token: 't', outcomes, terms: TERMS, attempts: [], cost: NO_COST, at: 1 };
}
