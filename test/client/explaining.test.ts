import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExplainedOutcome, Explanation } from '../../client/explaining/explanation.ts';
import { nextStep } from '../../client/explaining/next-step.ts';
import { renderExplanation } from '../../client/explaining/render-explanation.ts';
import { valueWords } from '../../client/explaining/render-field.ts';
import { createTheme } from '../../client/output/theme.ts';

const OUTCOME: ExplainedOutcome = { outcome: 'create', isInTarget: false, isSentKnown: false, differences: [], kept: [], dropped: [] };
const EXPLANATION: Explanation = {
  sync: 'contacts',
  key: '7',
  isKnown: true,
  at: '2026-01-31T09:00:00.000Z',
  source: 'crm contacts',
  target: 'hubspot contacts',
  rules: [],
  fields: [],
  outcome: OUTCOME,
  missing: [],
};

const lines = (explanation: Partial<Explanation>, width = 100) =>
  renderExplanation({ ...EXPLANATION, ...explanation }, { theme: createTheme(false), width }).split('\n');

describe('an explanation', () => {
  test('has all values below each other; a long rule has a line of its own, a long remark the lines below', () => {
    const long = "first_name & ' ' & last_name & ' of ' & company";
    const shown = lines(
      {
        fields: [
          {
            field: 'email',
            steps: [
              { step: 'from', rule: 'mail', value: ' x ' },
              { step: 'transform', rule: 'collapse-spaces', value: 'x' },
              { step: 'type', rule: 'email', remark: '"x" is not an e-mail address, as it has no sign that would part the name from its domain' },
              { step: 'onInvalid', rule: 'reject' },
            ],
            result: 'rejected',
          },
          { field: 'name', steps: [{ step: 'expression', rule: long, value: null }], result: 'value', value: null },
          { field: 'city', steps: [{ step: 'from', rule: 'city' }], result: 'left-out' },
        ],
      },
      80,
    );
    assert.deepEqual(shown.slice(5, 20), [
      'email',
      '  from mail                  " x "',
      '  transform collapse-spaces  "x"',
      '  type email                 "x" is not an e-mail address, as it has no sign',
      '                             that would part the name from its domain',
      '  onInvalid reject           stops the record',
      '  gives                      nothing: the record is rejected',
      '',
      'name',
      `  expression ${long}`,
      '                             null',
      '  gives                      null: cleared in the target',
      '',
      'city',
      '  from city                  nothing',
    ]);
  });

  test('shows a value as it is: blanks kept, what cannot be seen escaped, what is too long cut', () => {
    assert.equal(valueWords(' a  b\u00a0\n\u001b[2J\u200b', 80), '" a  b\\u00a0\\n\\u001b[2J\\u200b"');
    assert.equal(valueWords('👩‍👩‍👧', 80), '"👩‍👩‍👧"');
    assert.equal(valueWords({ a: [1, '2'] }, 80), '{"a":[1,"2"]}');
    assert.equal(valueWords('x'.repeat(90), 20), `"${'x'.repeat(18)}…`);
  });

  test('sets what differs beside what was sent last and what the target shows', () => {
    const differences = [
      { field: 'company', now: 'New', sent: 'Old', target: 'Theirs' },
      { field: 'age', now: 7, sent: 6, target: '7' },
      { field: 'city', now: 'Bonn' },
    ];
    const shown = lines({ outcome: { ...OUTCOME, outcome: 'update', isInTarget: true, isSentKnown: true, differences, kept: ['name'], dropped: ['phone'] } });
    assert.deepEqual(shown.slice(7), [
      '  update: 3 fields differ',
      '',
      '  FIELD    NOW     SENT LAST  IN THE TARGET',
      '  company  "New"   "Old"      "Theirs"',
      '  age      7       6          as now',
      '  city     "Bonn"  nothing    not shown',
      '',
      '  Left as it is in the target, by write or conflict: name',
      '',
      '  Sent last time and not now, so it stays as it is there: phone',
    ]);
  });

  test('ends with the command that comes next', () => {
    const next = (outcome: Partial<ExplainedOutcome>, more: Partial<Explanation> = {}) =>
      nextStep({ ...EXPLANATION, ...more, outcome: { ...OUTCOME, ...outcome } }).command;
    assert.equal(next({ outcome: 'update' }), 'run contacts --key 7');
    assert.equal(next({ outcome: 'update' }, { key: 'a 7' }), "run contacts --key 'a 7'");
    assert.equal(next({ outcome: 'unchanged' }), 'records contacts --key 7');
    assert.equal(next({ outcome: 'skipped' }, { isKnown: false }), 'run contacts --key 7');
    assert.equal(next({ outcome: 'rejected', isRepeat: true }), 'retry contacts --key 7');
    assert.equal(next({ outcome: 'held', reason: 'unknown' }), 'unknown list contacts');
    assert.equal(next({ outcome: 'held', reason: 'conflict', isInTarget: true }), 'conflicts list contacts');
    assert.equal(next({ outcome: 'held', reason: 'missing-reference' }, { missing: [{ sync: 'companies', key: '4' }] }), 'explain companies --key 4');
  });
});
