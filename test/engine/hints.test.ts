import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VALUE_TYPES } from '../../engine/field-rule.ts';
import { HINT_CATALOGUE } from '../../engine/hint-catalogue.ts';
import { findHint } from '../../engine/hints.ts';

const api = (message: string, apiCode?: string) => findHint({ reason: 'api-rejected', message, ...(apiCode === undefined ? {} : { apiCode }) });

describe('hints', () => {
  it('there is one for each reason of our own', () => {
    const own = [
      'required-missing',
      'match-missing',
      'lookup-missing',
      'lookup-ambiguous',
      'expression-failed',
      'target-refuses-kind',
      ...VALUE_TYPES.map((type) => `invalid-${type}`),
    ];
    for (const reason of own) assert.ok(findHint({ reason, message: '' }) !== undefined, reason);
  });

  it('the words of APIs lead to the right one', () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['Email address kim@acme is invalid', /`type: email`/],
      ['Contact already exists. Existing ID: 151', /merge the two/],
      ['Property values were not valid: [{"isValid":false,"message":"Property \\"foo_bar\\" does not exist"}]', /no such field/],
      ['bad_field was not one of the allowed options: [a, b]', /fixed list of values/],
      ["Name can't be blank", /needs a value here/],
      ['First name is too long (maximum is 40 characters)', /cut it with/],
      ["This app hasn't been granted all required scopes: crm.objects.contacts.write", /permission or scope/],
      ['You have reached your secondly limit. SECONDLY', /asked too fast/],
      ['Owner with id 7 does not exist', /lookup by e-mail/],
      ['1714564801000 is at 12:0:1.0 UTC, not midnight! invalid date', /ISO 8601/],
      ['phone: invalid format', /`country`/],
      ['createdate is a read only property', /cannot be written/],
      ['amount must be a number', /`type: number`/],
      ['Record was modified by another request', /tried again by itself/],
      ['company reference not found', /run the sync of that object first/],
      ['website is not a valid URL', /https:\/\//],
      ['Internal server error', /fault of its own/],
      ['Access denied', /permission/],
      ['The token expired yesterday', /renew the secret/],
      ['resource not found', /not in the target any more/],
    ];
    for (const [message, expected] of cases) assert.match(api(message) ?? '(none)', expected, message);
    assert.match(api('x', 'VALIDATION_ERROR INVALID_EMAIL') ?? '', /`type: email`/);
  });

  it('what a person is to decide about is not said to be tried again', () => {
    assert.match(findHint({ reason: 'conflict', message: 'changed on both sides: email' }) ?? '', /waits for you.*`syncline conflicts list SYNC`/);
    assert.match(api('Conflict') ?? '', /tried again by itself/);
  });

  it('a command has the name of a sync', () => {
    for (const { hint } of HINT_CATALOGUE) for (const [command] of hint.matchAll(/`syncline [^`]+`/g)) assert.match(command, / SYNC\b/, hint);
  });

  it('a value in quotes does not choose the hint', () => {
    assert.equal(api('"duplicate@rate-limit.test" is strange'), undefined);
  });

  it('the connector knows better', () => {
    const hints = [
      { match: '(', hint: 'never' },
      { match: 'CONTACT_EXISTS', hint: 'Merge the contacts in HubSpot.' },
    ];
    assert.equal(findHint({ reason: 'api-rejected', message: 'exists', apiCode: 'contact_exists' }, hints), 'Merge the contacts in HubSpot.');
    assert.match(findHint({ reason: 'api-rejected', message: 'name is required' }, hints) ?? '', /needs a value/);
  });

  it('every entry of the catalogue is a pattern and a sentence', () => {
    assert.ok(HINT_CATALOGUE.length >= 25);
    for (const { match, hint } of HINT_CATALOGUE) {
      assert.doesNotThrow(() => new RegExp(match, 'i'));
      assert.match(hint, /^[A-Z].*\.$/);
    }
  });
});
