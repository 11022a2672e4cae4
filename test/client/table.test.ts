import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderFields, renderTable } from '../../client/output/table.ts';
import { createTheme } from '../../client/output/theme.ts';

const plain = createTheme(false);
const colored = createTheme(true);

test('columns are as wide as their widest cell, numbers stand right, and nothing trails', () => {
  const table = renderTable(
    [{ title: 'Sync' }, { title: 'Read', align: 'right' }, { title: 'State' }],
    [
      ['contacts', '5,000', 'done'],
      ['a', '7', ''],
    ],
    plain,
  );
  assert.equal(table, ['SYNC       READ  STATE', 'contacts  5,000  done', 'a             7'].join('\n'));
});

test('colours take no room', () => {
  const bare = renderTable(
    [{ title: 'A' }, { title: 'B' }],
    [
      ['x', 'y'],
      ['long one', 'z'],
    ],
    plain,
  );
  const painted = renderTable(
    [{ title: 'A' }, { title: 'B' }],
    [
      [colored.bad('x'), 'y'],
      ['long one', 'z'],
    ],
    plain,
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  assert.equal(painted.replaceAll(/\u001b\[\d+m/g, ''), bare);
});

test('wide characters take two columns, combining ones none', () => {
  const table = renderTable(
    [{ title: 'Name' }, { title: 'N' }],
    [
      ['日本', '1'],
      ['Zoe\u0308', '2'],
      ['abcd', '3'],
    ],
    plain,
  );
  assert.equal(table, ['NAME  N', '日本  1', 'Zoe\u0308   2', 'abcd  3'].join('\n'));
});

test('a value of several lines stays in its column', () => {
  assert.equal(
    renderFields(
      [
        ['name', 'Ada'],
        ['x', 'one\ntwo'],
      ],
      plain,
    ),
    ['  name  Ada', '  x     one', '        two'].join('\n'),
  );
});
