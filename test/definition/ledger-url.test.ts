import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadEnvironment } from '../../definition/environment.ts';
import { ledgerUrl } from '../../definition/ledger-url.ts';
import { SyncError } from '../../engine/errors.ts';
import { ENV, GOOD, linesOf, loadFiles } from './make-project.ts';

const environment = (env: Readonly<Record<string, string>>) => loadEnvironment('/nowhere', env);
const URL = 'postgres://sync:s3cret@db.test/sync';

describe('where the ledger is', () => {
  it('is what syncline.yaml says, a file by default', () => {
    assert.equal(ledgerUrl(undefined, environment({})), 'sqlite');
    assert.equal(ledgerUrl('sqlite:${env:FILE:-a.db}', environment({})), 'sqlite:a.db');
    assert.equal(ledgerUrl('${secret:LEDGER_URL}', environment({ LEDGER_URL: URL })), URL);
  });

  it('is what SYNCLINE_LEDGER says before that', () => {
    assert.equal(ledgerUrl('sqlite', environment({ SYNCLINE_LEDGER: URL })), URL);
    assert.equal(ledgerUrl('${secret:LEDGER_URL}', environment({ SYNCLINE_LEDGER: URL })), URL);
  });

  it('is not known while its secret is not set', () => {
    assert.throws(
      () => ledgerUrl('${secret:LEDGER_URL}', environment({})),
      (error) => error instanceof SyncError && error.code === 'SECRET_MISSING' && error.message.includes('LEDGER_URL'),
    );
  });
});

describe('a ledger in syncline.yaml', () => {
  const cases: readonly (readonly [ledger: string, env: Readonly<Record<string, string>>, lines: readonly string[]])[] = [
    ['sqlite:elsewhere.db', {}, []],
    ['postgres://sync@db.test/sync', {}, []],
    ['"${secret:LEDGER_URL}"', { LEDGER_URL: URL }, []],
    ['"${secret:LEDGER_URL}"', { SYNCLINE_LEDGER: URL }, []],
    [URL, {}, ['syncline.yaml:2:9 ledger: a password does not belong into this file: write "${secret:LEDGER_URL}", and the URL into the environment or .env']],
    [
      'mongodb://db.test',
      {},
      [
        'syncline.yaml:2:9 ledger: "mongodb://db.test" is no ledger: use "sqlite", "sqlite:PATH", or "${secret:LEDGER_URL}" with postgres://USER:PASSWORD@HOST/DATABASE in that secret',
      ],
    ],
  ];
  for (const [ledger, env, lines] of cases)
    it(`${ledger} ${lines.length === 0 ? 'is taken' : 'is refused, with the next step'} (${Object.keys(env).join(', ') || 'no environment'})`, (test) => {
      assert.deepEqual(linesOf(loadFiles(test, { ...GOOD, 'syncline.yaml': `name: acme\nledger: ${ledger}\n` }, { env: { ...ENV, ...env } })), lines);
    });
});
