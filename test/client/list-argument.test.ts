import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { listSchema, quotedList } from '../../client/list-argument.ts';

describe('a list on the command line', () => {
  const lists: Readonly<Record<string, readonly string[]>> = {
    '4711': ['4711'],
    ' 4711 , 4712,,4711': ['4711', '4712'],
    '"Lovelace, Ada",4712': ['Lovelace, Ada', '4712'],
    '"5"" pipe, long"': ['5" pipe, long'],
    '5" pipe': ['5" pipe'],
    'two\nlines,3': ['two\nlines', '3'],
  };
  for (const [text, values] of Object.entries(lists))
    it(`${JSON.stringify(text)} has ${values.length}`, () => assert.deepEqual(listSchema.parse(text), values));

  for (const text of ['', ' , ']) it(`${JSON.stringify(text)} is none`, () => assert.match(listSchema.safeParse(text).error?.message ?? '', /at least one/));

  it('that is cut within its quotes says how they are written', () =>
    assert.match(listSchema.safeParse('"a,b').error?.issues[0]?.message ?? '', /double quotes around one that has a comma/));

  it('is read as it was told to be copied, through a shell', () => {
    const values = ['4711', 'Lovelace, Ada', `O'Hara, "Kit"`, '5" pipe', ' blank', '"whole"', 'Zoë'];
    const word = execFileSync('/bin/sh', ['-c', `printf %s ${quotedList(values)}`], { encoding: 'utf8' });
    assert.deepEqual(listSchema.parse(word), values);
  });
});
