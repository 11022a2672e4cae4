import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXIT, type ExitCode } from '../../client/exit-codes.ts';
import type { GraphSnapshot } from '../../client/following/follow-graph.ts';
import { graphLines } from '../../client/following/graph-lines.ts';
import { createTheme } from '../../client/output/theme.ts';
import { graphSyncExitCode, worstOf } from '../../client/reports/graph-exit-code.ts';
import { afterGraph } from '../../client/starting/conclude-graph.ts';
import { ZERO_TOTALS } from '../../engine/outcome.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { GraphSync } from '../../workflows/contract.ts';

const plain = createTheme(false);

function runOf(sync: string, id: string, more: Partial<Omit<Run, 'totals'>> & { readonly totals?: Partial<Run['totals']> } = {}): Run {
  const { totals, ...rest } = more;
  const times = { requestedAt: 0, startedAt: 0, window: {}, control: { paused: false }, waits: [] };
  return {
    id,
    scope: `acme/dev/${sync}`,
    trigger: 'graph',
    options: {},
    state: 'completed',
    phase: 'done',
    ...times,
    ...rest,
    totals: { ...ZERO_TOTALS, ...totals },
  };
}

const syncOf = (sync: string, more: Partial<GraphSync>): GraphSync => ({ sync, after: [], state: 'done', secondRuns: [], openReferences: 0, ...more });

function linesOf(syncs: readonly GraphSync[], runs: readonly Run[], more: Partial<GraphSnapshot> = {}): readonly string[] {
  const snapshot: GraphSnapshot = {
    progress: { phase: 'syncing', syncs },
    runs: new Map(runs.map((run) => [run.id, run])),
    now: 1_000,
    trouble: undefined,
    ...more,
  };
  return graphLines(snapshot, plain);
}

test('a line for each sync says what it does, did, or waits for', () => {
  const lines = linesOf(
    [
      syncOf('companies', { runId: 'r_1', secondRuns: ['r_2'], openReferences: 4 }),
      syncOf('contacts', { runId: 'r_3', state: 'running' }),
      syncOf('owners', { state: 'in-use' }),
      syncOf('deals', { state: 'waiting', after: ['companies', 'contacts'] }),
      syncOf('notes', { state: 'failed', runId: 'r_4', because: 'An API refused the credentials.' }),
      syncOf('tasks', { state: 'skipped', because: 'notes failed' }),
      syncOf('calls', { runId: 'r_5' }),
    ],
    [
      runOf('companies', 'r_1', { totals: { created: 1_200, written: 1_200 } }),
      runOf('companies', 'r_2', { totals: { updated: 31, written: 31 } }),
      runOf('contacts', 'r_3', { state: 'running', phase: 'syncing', totals: { created: 7, written: 7, rejected: 1 } }),
      runOf('calls', 'r_5'),
    ],
  );
  assert.deepEqual(lines, [
    '  companies  ✓ completed  1,200 created, 31 references set, 4 waiting for references r_1',
    '  contacts   ● syncing    7 created, 1 rejected',
    '  owners     ⏸ in use     another run of it is alive: its end is waited for',
    '  deals      ○ waiting    for contacts',
    '  notes      ✗ failed     An API refused the credentials.',
    '  tasks      – skipped    notes failed',
    '  calls      ✓ completed  nothing to do r_5',
  ]);
});

test('where nobody works, each running sync says so', () => {
  const sync = syncOf('contacts', { runId: 'r_3', state: 'running' });
  assert.deepEqual(linesOf([sync], [], { trouble: { kind: 'no-worker' } }), ['  contacts  ⏸ waits for a worker']);
  assert.deepEqual(linesOf([sync], []), ['  contacts  ● starting']);
});

test('the worst of the syncs is the exit code', () => {
  assert.equal(worstOf([]), EXIT.done);
  const cases: readonly (readonly [codes: readonly ExitCode[], worst: ExitCode])[] = [
    [[EXIT.done, EXIT.rejections, EXIT.done], EXIT.rejections],
    [[EXIT.rejections, EXIT.credentials], EXIT.credentials],
    [[EXIT.unreachable, EXIT.credentials], EXIT.credentials],
    [[EXIT.credentials, EXIT.failed, EXIT.definition], EXIT.failed],
  ];
  for (const [codes, worst] of cases) assert.equal(worstOf(codes), worst);
});

test('a sync counts by what is held when all has been done', () => {
  const held = runOf('contacts', 'r_1', { state: 'completed-with-rejections', totals: { read: 10, written: 7, held: 3 } });
  const end = { sync: syncOf('contacts', { runId: 'r_1' }), runs: [held], heldNow: 0, maxRejectedPercent: 10 };
  assert.equal(graphSyncExitCode(end), EXIT.done, 'the second pass wrote them');
  assert.equal(graphSyncExitCode({ ...end, heldNow: 1 }), EXIT.rejections);
  const refused = runOf('contacts', 'r_2', { state: 'completed-with-rejections', totals: { retriedFromEarlier: 3, rejected: 3 } });
  assert.equal(graphSyncExitCode({ ...end, runs: [held, refused] }), EXIT.rejections);
  assert.equal(graphSyncExitCode({ ...end, sync: syncOf('contacts', { state: 'failed', code: 'CREDENTIALS_REJECTED' }) }), EXIT.credentials);
  assert.equal(graphSyncExitCode({ ...end, runs: [], sync: syncOf('contacts', { state: 'skipped' }) }), EXIT.done);
  assert.equal(graphSyncExitCode({ ...end, sync: syncOf('contacts', { state: 'cancelled' }) }), EXIT.failed);
});

test('what comes next shows the errors of a sync that has some, else the run: denied deletes are no errors', () => {
  const next = (totals: Partial<Run['totals']>) => {
    const run = runOf('contacts', 'r_1', { state: 'completed-with-rejections', totals });
    const progress = { phase: 'syncing' as const, syncs: [syncOf('contacts', { runId: 'r_1' })] };
    return afterGraph({ progress, runs: new Map([['r_1', run]]), now: 0, trouble: undefined }, [EXIT.rejections]);
  };
  assert.deepEqual([next({ rejected: 1 }), next({ held: 1 }), next({ deletesHeld: 3 })], ['errors contacts', 'errors contacts', 'show r_1']);
});
