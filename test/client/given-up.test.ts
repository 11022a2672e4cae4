import assert from 'node:assert/strict';
import { test } from 'node:test';
import { givenUp } from '../../client/given-up.ts';
import { attempt } from '../../client/reports/live-result.ts';
import { loadProject } from '../../definition/load-project.ts';
import { findConnection } from '../../definition/resolve-sync.ts';
import { SyncError } from '../../engine/errors.ts';
import { tooLong } from '../../http/too-long.ts';
import { makeFolder } from '../definition/make-project.ts';
import { smallProject } from '../support/small-api.ts';

const HOUR_MS = 3_600_000;

test('a command that has ended does not say that it goes on by itself', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['crm is unreachable. Is it running? Syncline tries again.', 'crm is unreachable. Is it running? Try again when it answers.'],
    [
      'db is held by another program; nothing was written. It is tried again.',
      'db is held by another program; nothing was written. Try again when it answers.',
    ],
    ['crm forgot its paging cursor: gone. Syncline reads the list again from its start.', 'crm forgot its paging cursor: gone. Try again.'],
    [tooLong('crm', { why: 'declared-quota', ms: 5 * HOUR_MS }).message, 'The declared quota of crm is spent. Try again in 5 h.'],
    [tooLong('crm', { why: 'pause', reason: 'quota', ms: 60_000 }).message, 'The quota of crm is spent. Try again in 60 s.'],
    [tooLong('crm', { why: 'pace', ms: 5_000 }).message, 'The declared pace of crm allows the next request in 5 s. Try again then.'],
    ['crm refuses the user. Check the secret.', 'crm refuses the user. Check the secret.'],
  ];
  for (const [message, told] of cases) assert.equal(givenUp(message), told);
});

test('what was tried of a connection is told like that, too', async (context) => {
  const folder = makeFolder(context, { 'syncline.yaml': 'name: acme\n', ...smallProject('http://127.0.0.1:9') });
  const connection = findConnection(loadProject(folder, { env: {} }), 'small');
  const message = 'small is unreachable. Is it running? Syncline tries again.';
  const result = await attempt(connection, undefined, () => Promise.reject(new SyncError({ code: 'SYSTEM_UNAVAILABLE', retry: 'backoff', message })));
  assert.deepEqual(result, { connection: 'small', isGood: false, message: 'small is unreachable. Is it running? Try again when it answers.', exitCode: 5 });
});
