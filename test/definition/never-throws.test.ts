import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { type LoadedProject, loadProject } from '../../definition/load-project.ts';
import { ENV, GOOD, makeFolder } from './make-project.ts';

/** A small connector in the place of those that ship: they are read with each run. */
const FILES = { ...GOOD, 'shipped/generic-rest.yaml': 'objects: {}\n' };
const FILE = fc.constantFrom(...Object.keys(GOOD));
const WORDS = fc.constantFrom(
  ...['source', 'target', 'mapping', 'lookups', 'lookup', 'from', 'objects', 'list', 'get', 'page', 'type', 'auth', 'token', 'profiles', 'dev', 'constructor'],
  ...[
    '${secret:X}',
    '${env:Y}',
    '{',
    '{a',
    '&a',
    '*a',
    '<<',
    '!x',
    '---',
    'x: [',
    '"',
    'null',
    '12',
    '-',
    '{{window.from}}',
    'connection',
    'where',
    '1s',
    '0s',
  ],
);

/** Mistakes are where something is: in a file that is there, from line 1. */
function assertTold(project: LoadedProject): void {
  for (const mistake of project.mistakes) {
    assert.ok(mistake.message.length > 0 && mistake.file.length > 0);
    assert.ok((mistake.line === 0 && mistake.column === 0) || (mistake.line > 0 && mistake.column > 0), JSON.stringify(mistake));
    assert.doesNotMatch(mistake.message, /Invalid input|undefined|\[object/);
  }
}

describe('whatever a user writes, loading answers with mistakes', () => {
  const property = (texts: fc.Arbitrary<string>, runs: number) => (test: Parameters<typeof makeFolder>[0]) => {
    const directory = makeFolder(test, FILES);
    fc.assert(
      fc.property(FILE, texts, (file, text) => {
        writeFileSync(join(directory, file), text);
        try {
          assertTold(loadProject(directory, { env: ENV, shippedConnectors: join(directory, 'shipped') }));
        } finally {
          writeFileSync(join(directory, file), GOOD[file] ?? '');
        }
      }),
      { numRuns: runs },
    );
  };

  it('any text', property(fc.string({ unit: 'binary' }), 80));

  it(
    'words and signs of the language, in any order',
    property(
      fc.array(fc.tuple(WORDS, fc.constantFrom(' ', ': ', '\n', '\n  ', ', '))).map((parts) => parts.flat().join('')),
      100,
    ),
  );

  it(
    'any values under keys of the language',
    property(
      fc
        .dictionary(
          WORDS,
          fc.oneof(
            { depthSize: 'small' },
            fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text)),
            fc.dictionary(WORDS, fc.dictionary(WORDS, fc.anything({ maxDepth: 1 }))),
          ),
        )
        .map((value) => {
          return stringify(JSON.parse(JSON.stringify(value)));
        }),
      100,
    ),
  );

  it('a good file in which one stretch is replaced', (test) => {
    const directory = makeFolder(test, FILES);
    fc.assert(
      fc.property(FILE, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(12), fc.oneof(WORDS, fc.string({ maxLength: 4 })), (file, at, length, text) => {
        const good = GOOD[file] ?? '';
        const from = Math.floor(at * good.length);
        writeFileSync(join(directory, file), good.slice(0, from) + text + good.slice(from + length));
        try {
          assertTold(loadProject(directory, { env: ENV, shippedConnectors: join(directory, 'shipped') }));
        } finally {
          writeFileSync(join(directory, file), good);
        }
      }),
      { numRuns: 250 },
    );
  });
});
