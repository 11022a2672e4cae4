import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTheme } from '../../client/output/theme.ts';
import type { Plan } from '../../client/planning/plan.ts';
import { renderPlan } from '../../client/planning/render-plan.ts';
import { renderDrift } from '../../client/reports/drift-report.ts';
import { type HidingRules, hideFinding, hidePlan } from '../../client/reports/hide-sensitive.ts';
import type { Reconciliation } from '../../ledger/drift-store.ts';

const THEME = createTheme(false);
const mapping: HidingRules['mapping'] = { email: { from: 'mail', sensitive: true }, city: 'city', country: 'country', pin: { from: 'pin', sensitive: true } };
const BY_EMAIL: HidingRules = { mapping, target: { matchOn: 'email' } };
const BY_BOTH: HidingRules = { mapping, target: { matchOn: 'country + email' } };
const BY_CITY: HidingRules = { mapping, target: { matchOn: 'city' } };

const PLAN: Plan = {
  sync: 'people',
  definitionHash: 'h',
  at: 0,
  counts: { read: 1, create: 0, update: 1, unchanged: 0, skipped: 0, rejected: 0, held: 0, delete: 0 },
  changes: [
    {
      action: 'update',
      key: '1',
      match: 'ada@x.test',
      contentHash: 'c',
      shownHash: 's',
      fields: [
        { field: 'email', before: 'lee@x.test', after: 'ada@x.test' },
        { field: 'pin', after: 4711 },
        { field: 'city', before: 'Rome', after: 'Paris' },
      ],
    },
  ],
  refusals: [],
  costs: [],
  remarks: [],
};

test('a plan hides sensitive values and a match value of them, and keeps what it is held to', () => {
  for (const rules of [BY_EMAIL, BY_BOTH]) {
    const hidden = hidePlan(rules, PLAN);
    assert.deepEqual(hidden.changes, [
      {
        action: 'update',
        key: '1',
        match: '•••',
        contentHash: 'c',
        shownHash: 's',
        fields: [
          { field: 'email', before: '•••', after: '•••' },
          { field: 'pin', after: '•••' },
          { field: 'city', before: 'Rome', after: 'Paris' },
        ],
      },
    ]);
    const words = renderPlan(hidden, { shown: 9, hints: [] }, { theme: THEME, width: 100 });
    assert.match(words, /~ 1 {2}•••\n +email {2}••• → •••\n +pin {4}nothing → •••\n +city {3}Rome → Paris/);
  }
  assert.equal(hidePlan(BY_CITY, PLAN).changes[0]?.match, 'ada@x.test');
});

test('what a comparison found hides them, too, also of a record that nobody sent', () => {
  const found = { missing: 0, changed: 1, duplicated: 0, extra: 1, stale: 0 };
  const compared: Reconciliation = { id: 'c', scope: 's', startedAt: 0, endedAt: 1, afterKey: '', checked: 2, found, tally: {}, formats: {} };
  const drift = { field: 'pin', written: 4711, found: null };
  const findings = [
    { kind: 'changed', key: '1', match: 'ada@x.test', targetId: 't1', fields: [drift] } as const,
    { kind: 'extra', match: 'eve@x.test', targetId: 't2', fields: [] } as const,
  ].map((finding) => hideFinding(BY_EMAIL, finding));
  assert.deepEqual(findings, [
    { kind: 'changed', key: '1', match: '•••', targetId: 't1', fields: [{ ...drift, written: '•••' }] },
    { kind: 'extra', match: '•••', targetId: 't2', fields: [] },
  ]);
  const words = renderDrift(compared, findings, { sync: 'people', theme: THEME, width: 100 });
  assert.match(words, /1 +changed +pin +••• +nothing\n.*••• +extra +t2/);
});
