import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { retriableWords } from '../../client/commands/retry.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { held, RunDriver } from '../ledger/support/run-driver.ts';
import { TestProject } from './test-project.ts';

const SYNC = 'contacts-to-hubspot';

test('what is sent again is called what it is: rejected, held or both', () => {
  assert.equal(retriableWords({ count: 1, hasRejected: true, hasHeld: false }), '1 rejected record');
  assert.equal(retriableWords({ count: 1_200, hasRejected: false, hasHeld: true }), '1,200 held records');
  assert.equal(retriableWords({ count: 3, hasRejected: true, hasHeld: true }), '3 rejected or held records');
});

test('errors offers to send again what is only held, too; retry of nothing counts it in its document', async (context) => {
  const project = new TestProject();
  context.after(() => project.remove());
  const nothing = await project.cli(['retry', SYNC, '--json']);
  assert.deepEqual([nothing.code, JSON.parse(nothing.stdout)], [0, { schemaVersion: 1, sync: SYNC, records: 0 }]);
  const ledger = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
  const run = await RunDriver.start(ledger, { scope: `acme/dev/${SYNC}` });
  await run.stage([held('7')]);
  await run.end();
  await ledger.close();
  const { stdout, stderr } = await project.cli(['errors', SYNC]);
  assert.match(stdout, /1 record held/);
  assert.match(stderr, /Send them again: +syncline retry contacts-to-hubspot\n/);
});

test('status names each sync that has something rejected or held', async (context) => {
  const project = new TestProject({
    'syncs/other.yaml': `source: { connection: crm, object: contacts }\ntarget: { connection: hubspot, object: contacts, matchOn: email }\nmapping: { email: mail }\n`,
  });
  context.after(() => project.remove());
  const ledger = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
  for (const sync of [SYNC, 'other']) {
    const run = await RunDriver.start(ledger, { id: `r_${sync}`, scope: `acme/dev/${sync}` });
    await run.stage([held('7')]);
    await run.end();
  }
  await ledger.close();
  const { stderr } = await project.cli(['status']);
  assert.equal(stderr, `\n${SYNC} has 1 record held: syncline errors ${SYNC}\nother has 1 record held: syncline errors other\n`);
});
