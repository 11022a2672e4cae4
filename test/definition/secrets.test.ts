import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadEnvironment } from '../../definition/environment.ts';
import { makeRedactor } from '../../definition/redact.ts';
import { resolveSecrets, resolveSettings, secretNames, secretValues } from '../../definition/secrets.ts';
import { SyncError } from '../../engine/errors.ts';
import { makeFolder } from './make-project.ts';

describe('the environment of a project', () => {
  it('the process goes before .env, and .env before files; an empty secret is none', (test) => {
    const directory = makeFolder(test, {
      '.env': 'A=from-file\nB="from file"\nEMPTY=\nexport C=exported\nSYNCLINE_SECRETS_DIR=mounted\n# D=no\n',
      'mounted/EMPTY': 'from-folder\n',
      'mounted/E': 'line one\nline two\n',
      'mounted/BLANK': '\n',
    });
    const { setting, secret } = loadEnvironment(directory, { A: 'from-process' });
    assert.deepEqual(['A', 'B', 'C', 'D'].map(setting), ['from-process', 'from file', 'exported', undefined]);
    assert.deepEqual(['A', 'EMPTY', 'E', 'BLANK', 'NONE'].map(secret), ['from-process', 'from-folder', 'line one\nline two', undefined, undefined]);
    assert.equal(setting('constructor'), undefined);
  });

  it('a file of a secret that is there and cannot be read is an error, not a secret that nobody has set', (test) => {
    const directory = makeFolder(test, { 'mounted/FOLDER/file': '' });
    for (const name of ['LOOP', 'GIVEN']) symlinkSync(name, join(directory, 'mounted', name));
    const { secret } = loadEnvironment(directory, { SYNCLINE_SECRETS_DIR: 'mounted', GIVEN: 'from-process' });
    assert.throws(
      () => secret('LOOP'),
      (error: unknown) =>
        error instanceof SyncError && error.code === 'SECRET_MISSING' && error.message.includes('/LOOP (ELOOP): it must be a file that the user'),
    );
    assert.deepEqual([secret('GIVEN'), secret('FOLDER'), secret('NONE')], ['from-process', undefined, undefined]);
  });

  it('does without .env', (test) => {
    assert.equal(loadEnvironment(makeFolder(test, { '.env/file': '' }), { A: '1' }).setting('A'), '1');
  });
});

describe('references', () => {
  const environment = loadEnvironment('/nowhere', { TOKEN: 's3cret-value', URL: 'https://a.test' });

  it('secrets take the place of their references, anywhere in a value', () => {
    const value = { headers: ['Bearer ${secret:TOKEN}', 1, null], plain: '${env:URL}' };
    assert.deepEqual(secretNames(value), ['TOKEN']);
    assert.deepEqual(secretValues(value, environment), ['s3cret-value']);
    assert.deepEqual(resolveSecrets(value, environment), { headers: ['Bearer s3cret-value', 1, null], plain: '${env:URL}' });
  });

  it('a secret with signs of a replacement pattern stays as it is', () => {
    const tricky = loadEnvironment('/nowhere', { TOKEN: "$&$1$'" });
    assert.equal(resolveSecrets('<${secret:TOKEN}>', tricky), "<$&$1$'>");
  });

  it('a missing secret is an error that names it and where to put it', () => {
    assert.throws(
      () => resolveSecrets({ token: '${secret:NOPE}' }, environment),
      (error) =>
        error instanceof SyncError &&
        error.code === 'SECRET_MISSING' &&
        error.retry === 'never' &&
        error.message === 'The secret NOPE is not set: put it into the environment, .env, or a file in SYNCLINE_SECRETS_DIR.',
    );
  });

  it('settings have defaults, also empty ones', () => {
    assert.deepEqual(resolveSettings(['${env:URL}/x', '${env:NO:-fallback}', '${env:NO:-}'], environment), ['https://a.test/x', 'fallback', '']);
  });
});

describe('the redactor', () => {
  const secret = 'pa$$ w/rd+"ü"';
  const redact = makeRedactor([secret, 'abc']);

  it('hides a secret as it is and in the forms in which it travels', () => {
    const forms = [
      secret,
      encodeURIComponent(secret),
      encodeURIComponent(secret).toLowerCase(),
      new URLSearchParams({ a: secret }).toString().slice(2),
      JSON.stringify(secret).slice(1, -1),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('base64url'),
    ];
    for (const form of forms) assert.equal(redact(`before ${form} after`), 'before ••• after', form);
  });

  it('hides it inside longer base64, as HTTP Basic has it, wherever it begins', () => {
    for (const user of ['a', 'ab', 'abc', 'someone@example.test']) {
      const encoded = Buffer.from(`${user}:${secret}`).toString('base64');
      const redacted = redact(`Authorization: Basic ${encoded}`);
      assert.match(redacted, /•••/);
      const left = redacted.replace('Authorization: Basic ', '').replace('•••', '');
      assert.ok(left.length < encoded.length / 2 + user.length * 2, redacted);
    }
  });

  it('leaves what is too short to be told from words, and other text', () => {
    assert.equal(redact('abc is not hidden'), 'abc is not hidden');
    assert.equal(makeRedactor([])('nothing to hide'), 'nothing to hide');
  });

  it('hides the longer of two secrets whole', () => {
    assert.equal(makeRedactor(['token', 'token-long'])('token-long token'), '••• •••');
  });
});
