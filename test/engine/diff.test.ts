import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ChangeInput, Decision, KnownRecord, MappedRecord, TargetAbilities } from '../../engine/diff.ts';
import { decideChange, decideRejection } from '../../engine/diff.ts';
import type { Rejection } from '../../engine/errors.ts';
import { matchValue } from '../../engine/match-fields.ts';
import type { RecordState, StagedRecord } from '../../ledger/ledger.ts';

const UPSERT: TargetAbilities = { upsert: true, create: false, update: false };
const ALL: TargetAbilities = { upsert: true, create: true, update: true };
const TWO: TargetAbilities = { upsert: false, create: true, update: true };
const RECORD: MappedRecord = { key: '1', fields: { email: 'kim@acme.test', name: 'Kim' }, contentHash: 'h2', source: { id: 1 }, bytes: 40 };
const NEVER: Rejection = { reason: 'api-rejected', message: 'no', retry: 'never' };
const LATER: Rejection = { reason: 'api-rejected', message: 'locked', retry: 'later' };

function decide(known: KnownRecord | undefined, more: Partial<ChangeInput> = {}): Decision {
  return decideChange({ record: RECORD, known, matchOn: 'email', abilities: UPSERT, now: 1_000, ...more });
}
/** `update:9` for an update by id, `unchanged` for no change. */
function short(decision: Decision): string {
  if (decision.disposition !== 'change') return decision.disposition === 'rejected' ? `rejected:${decision.rejection.reason}` : decision.disposition;
  const { kind, targetId } = decision.change;
  return targetId === undefined ? kind : `${kind}:${targetId}`;
}

describe('diff', () => {
  it('a record that was never sent is a change with all that the write needs', () => {
    assert.deepStrictEqual(decide(undefined, { record: { ...RECORD, sourceVersion: 'v' } }), {
      disposition: 'change',
      key: '1',
      change: { kind: 'upsert', fields: RECORD.fields, contentHash: 'h2', match: 'kim@acme.test', source: { id: 1 }, sourceVersion: 'v', bytes: 40 },
    });
  });

  it('what the target was last told is not sent again', () => {
    assert.equal(short(decide({ hasUnknown: false, contentHash: 'h2' })), 'unchanged');
    assert.equal(short(decide({ hasUnknown: false, contentHash: 'h2' }, { force: true })), 'unchanged');
    assert.equal(short(decide({ hasUnknown: false, contentHash: 'h1' })), 'upsert');
  });

  it('where only new records are wanted, what is there is left as it is', () => {
    const insert = { mode: 'insert', abilities: ALL } as const;
    assert.equal(short(decide(undefined, insert)), 'create');
    assert.equal(short(decide({ hasUnknown: false, contentHash: 'h1', targetId: '9' }, insert)), 'skipped');
    assert.equal(short(decide({ hasUnknown: false, targetId: '9' }, insert)), 'skipped', 'found there by an earlier run');
    assert.equal(short(decide({ hasUnknown: false, contentHash: 'h2', targetId: '9' }, insert)), 'unchanged');
    assert.equal(short(decide(undefined, { mode: 'insert', abilities: UPSERT })), 'rejected:target-refuses-kind');
  });

  it('where nothing may be created, a record goes by its id, or is looked up first', () => {
    assert.equal(short(decide(undefined, { mode: 'update', abilities: ALL })), 'update');
    assert.equal(short(decide(undefined, { mode: 'update', abilities: UPSERT })), 'upsert');
    assert.equal(short(decide({ hasUnknown: false, targetId: '9' }, { mode: 'update', abilities: TWO })), 'update:9');
    assert.equal(short(decide({ hasUnknown: false, contentHash: 'h1' }, { mode: 'update', abilities: UPSERT })), 'upsert');
  });

  it('a record with an unresolved write is held, whatever else is known', () => {
    assert.equal(short(decide({ hasUnknown: true, contentHash: 'h2' }, { force: true })), 'held');
  });

  it('content that was refused for good is not sent again, unless it changed or somebody asks', () => {
    const known: KnownRecord = { hasUnknown: false, rejectedHash: 'h2', rejection: NEVER };
    assert.deepEqual(decide(known), { disposition: 'rejected', key: '1', rejection: NEVER, source: { id: 1 }, contentHash: 'h2', isRepeat: true });
    assert.equal(short(decide(known, { force: true })), 'upsert');
    assert.equal(short(decide({ ...known, rejectedHash: 'h1' })), 'upsert');
    assert.equal(short(decide({ hasUnknown: false, rejectedHash: 'h2' })), 'rejected:rejected-before');
  });

  it('content whose refusal may pass is tried again when its time has come', () => {
    const known: KnownRecord = { hasUnknown: false, rejectedHash: 'h2', rejection: LATER, retryAt: 1_001 };
    assert.equal(short(decide(known)), 'rejected:api-rejected');
    assert.equal(short(decide(known, { now: 1_001 })), 'upsert');
    assert.equal(short(decide({ hasUnknown: false, rejectedHash: 'h2', rejection: LATER })), 'upsert');
  });

  it('a record whose match value changed is updated by id, so that no second one is made', () => {
    const moved: KnownRecord = { hasUnknown: false, contentHash: 'h1', targetId: '9', match: 'old@acme.test' };
    assert.equal(short(decide(moved, { abilities: ALL })), 'update:9');
    assert.equal(short(decide(moved, { abilities: UPSERT })), 'upsert:9');
    assert.equal(short(decide({ ...moved, match: 'kim@acme.test' }, { abilities: ALL })), 'upsert:9');
  });

  it('without upsert: new is created, known is updated, what was told is never created again', () => {
    assert.equal(short(decide(undefined, { abilities: TWO })), 'create');
    assert.equal(short(decide({ hasUnknown: false, contentHash: 'h1', targetId: '9' }, { abilities: TWO })), 'update:9');
    assert.equal(short(decide({ hasUnknown: false, contentHash: 'h1' }, { abilities: TWO })), 'update');
    assert.equal(short(decide({ hasUnknown: false, contentHash: 'h1' }, { abilities: { ...TWO, update: false } })), 'rejected:target-refuses-kind');
    assert.equal(short(decide(undefined, { abilities: { ...TWO, create: false } })), 'update');
    assert.equal(short(decide(undefined, { abilities: { upsert: false, create: false, update: false } })), 'rejected:target-refuses-kind');
  });

  it('a record without a match value is rejected', () => {
    for (const email of ['', '  ', null, [], undefined]) {
      const fields = email === undefined ? {} : { email };
      assert.equal(short(decide(undefined, { record: { ...RECORD, fields } })), 'rejected:match-missing');
    }
    assert.equal(matchValue({ id: 7 }, 'id'), '7');
    assert.equal(matchValue({}, 'constructor'), undefined);
  });

  it('a rejection of our own is a repeat where the same content was rejected before', () => {
    assert.equal(decideRejection(RECORD, undefined, NEVER).isRepeat, false);
    assert.equal(decideRejection(RECORD, { hasUnknown: false, rejectedHash: 'h1' }, NEVER).isRepeat, false);
    assert.equal(decideRejection(RECORD, { hasUnknown: false, rejectedHash: 'h2' }, NEVER).isRepeat, true);
  });

  it('takes the state of the ledger and gives what the ledger stages', () => {
    const state: RecordState = { key: '1', hasUnknown: false };
    const staged: StagedRecord = decide(state);
    assert.equal(staged.disposition, 'change');
  });

  it('for any state: one outcome, never a second record, never what was refused for good', () => {
    const known = fc.option(
      fc.record(
        {
          targetId: fc.constant('9'),
          contentHash: fc.constantFrom('h1', 'h2'),
          match: fc.constantFrom('kim@acme.test', 'old@acme.test'),
          rejectedHash: fc.constantFrom('h1', 'h2'),
          rejection: fc.constantFrom(NEVER, LATER),
          retryAt: fc.integer({ min: 998, max: 1_002 }),
          hasUnknown: fc.boolean(),
        },
        { requiredKeys: ['hasUnknown'] },
      ),
      { nil: undefined },
    );
    const abilities = fc.record({ upsert: fc.boolean(), create: fc.boolean(), update: fc.boolean() });
    fc.assert(
      fc.property(known, abilities, fc.boolean(), (state, can, force) => {
        const decision = decide(state, { abilities: can, force });
        if (state?.hasUnknown === true) assert.equal(decision.disposition, 'held');
        if (decision.disposition !== 'change') return;
        const { kind, targetId, contentHash } = decision.change;
        assert.ok(kind !== 'delete' && can[kind]);
        assert.notEqual(state?.contentHash, contentHash);
        if (kind === 'create') assert.ok(state?.targetId === undefined && state?.contentHash === undefined);
        if (targetId !== undefined) assert.equal(targetId, state?.targetId);
        if (state?.targetId !== undefined && state.match === 'old@acme.test' && can.update) assert.equal(kind, 'update');
        if (!force && state?.rejectedHash === contentHash) assert.ok(state.rejection === LATER && (state.retryAt ?? 0) <= 1_000);
      }),
      { numRuns: 1_000 },
    );
  });
});
