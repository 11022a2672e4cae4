import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { changed, linesOf, loadFiles } from './make-project.ts';

const SYNC = 'syncs/contacts.yaml';
const CRM = 'connections/crm.yaml';
const INCREMENTAL = 'incremental: { cursorField: updated_at }';
const WINDOWS = 'slices: { by: window, size: 30d, from: 2020-01-01 }';
const AFTER = 'updated_after: { value: "{window.from}", optional: true }';
const BEFORE = 'updated_before: { value: "{window.to}", optional: true }';
const RANGE = 'min: { value: "{slice.from}", optional: true }, max: { value: "{slice.to}", optional: true }';

/** What `check` says of a source with these keys, whose list has this query. */
function mistakes(test: TestContext, keys: string, query: string, path = '/contacts'): readonly string[] {
  const files = changed({
    [SYNC]: [['object: contacts }', `object: contacts, ${keys} }`]],
    [CRM]: [
      [AFTER, query],
      ['get: /contacts', `get: "${path}"`],
    ],
  });
  return linesOf(loadFiles(test, files)).map((line) => line.replace(/^\S+ /, ''));
}

describe('slices that can be read side by side have no mistakes', () => {
  const sound: readonly (readonly [name: string, keys: string, query: string])[] = [
    ['windows of the incremental field', `${INCREMENTAL}, ${WINDOWS}`, `${AFTER}, ${BEFORE}`],
    [
      'windows of another field, in epoch seconds',
      `${INCREMENTAL}, slices: { by: window, size: 30d, from: 1577836800, field: first_name }`,
      `${AFTER}, ${RANGE}`,
    ],
    ['windows without an incremental read', 'slices: { by: window, size: 1d, from: 2020-01-01T00:00:00Z, field: updated_at, parallel: 3 }', RANGE],
    ['ranges of ids', 'slices: { by: ids, size: 10000, from: 1, to: 90000 }', RANGE],
    ['the values of a parameter', 'slices: { by: list, values: [EU, 3, true] }', 'region: "{slice.value}"'],
    [
      'an expression that has an answer where a bound is missing',
      'slices: { by: ids, size: 10 }',
      `min: "{slice.from ? slice.from : 0}", max: "{slice.to ? slice.to : 9999999}"`,
    ],
  ];
  for (const [name, keys, query] of sound) it(name, (test) => assert.deepEqual(mistakes(test, keys, query), []));
});

describe('slices with a mistake are told', () => {
  const PART = 'each slice would read more than its own part of contacts: nothing in its `list` inserts';
  const wrong: readonly (readonly [name: string, keys: string, query: string, ...messages: readonly string[]])[] = [
    ['a list that asks for no end', `${INCREMENTAL}, ${WINDOWS}`, AFTER, `source.slices: ${PART} {slice.to} or {window.to}`],
    [
      'a list that asks for the window of the run only',
      `${INCREMENTAL}, slices: { by: window, size: 30d, from: 2020-01-01, field: first_name }`,
      `${AFTER}, ${BEFORE}`,
      `source.slices: ${PART} {slice.from}, nor {slice.to}`,
    ],
    [
      'windows of no length',
      `${INCREMENTAL}, slices: { by: window, size: moth, from: 2020-01-01 }`,
      `${AFTER}, ${BEFORE}`,
      'source.slices.size: expected a duration such as 30s, 5m, 1h or 7d',
    ],
    ['a list that asks for no range', 'slices: { by: ids, size: 10 }', AFTER, `source.slices: ${PART} {slice.from}, nor {slice.to}`],
    ['a list that asks for no value', 'slices: { by: list, values: [a] }', AFTER, `source.slices: ${PART} {slice.value}`],
    [
      'bounds that the request cannot do without',
      'slices: { by: ids, size: 10 }',
      'min: "{slice.from}", max: "{slice.to}"',
      'source.slices: the first slice has no beginning, and query.min of the `list` inserts {slice.from}: mark it "optional: true"',
      'source.slices: the last slice has no end, and query.max of the `list` inserts {slice.to}: mark it "optional: true"',
    ],
    [
      'a beginning that is no time',
      `${INCREMENTAL}, slices: { by: window, size: 30d, from: soon }`,
      `${AFTER}, ${BEFORE}`,
      'source.slices.from: is no time that can be counted from: write it as the API does, such as 2020-01-01T00:00:00Z',
    ],
    [
      'windows of no length',
      `${INCREMENTAL}, slices: { by: window, size: 0d, from: 2020-01-01 }`,
      `${AFTER}, ${BEFORE}`,
      'source.slices.size: must be longer than 0',
    ],
    [
      'windows of nothing',
      'slices: { by: window, size: 30d, from: 2020-01-01 }',
      RANGE,
      'source.slices: name the `field` that the windows are of: there is no `incremental` here',
    ],
    ['a field that is not there', 'slices: { by: window, size: 30d, from: 2020-01-01, field: created }', RANGE, 'source.slices.field: unknown field "created"'],
    ['a range that ends before it begins', 'slices: { by: ids, size: 10, from: 20, to: 20 }', RANGE, 'source.slices.to: must be larger than from (20)'],
    [
      'a value that is there twice',
      'slices: { by: list, values: [a, b, a] }',
      'region: "{slice.value}"',
      'source.slices.values.2: "a" is there twice: it would be read twice',
    ],
    ['a way that there is not', 'slices: { by: windows }', RANGE, 'source.slices.by: "windows" is not one of window, ids, list, did you mean "window"?'],
  ];
  for (const [name, keys, query, ...messages] of wrong) it(name, (test) => assert.deepEqual(mistakes(test, keys, query), messages));

  it('a bound in the path', (test) => {
    const [first, ...others] = mistakes(test, 'slices: { by: ids, size: 10 }', RANGE, '/contacts/{slice.from}');
    assert.equal(
      first,
      'source.slices: the first slice has no beginning, and the path of the `list` inserts {slice.from}: insert it in the query, "optional: true"',
    );
    assert.deepEqual(others, []);
  });

  it('an object that is listed in slices, and a sync or lookup that has none', (test) => {
    const [line, ...others] = mistakes(test, INCREMENTAL, `${AFTER}, region: "{slice.value}"`);
    assert.equal(line, 'source.object: contacts is listed in slices: query.region of its `list` inserts {slice.value}, and there are no `slices` here');
    assert.deepEqual(others, []);
    const lookup = changed({ 'connectors/shop.yaml': [['list: { get: /owners', 'list: { get: "/{slice.value}/owners"']] });
    assert.match(linesOf(loadFiles(test, lookup)).join('\n'), /lookups\.owner\.from\.object: owners is listed in slices: the path of its `list` inserts/);
  });
});
