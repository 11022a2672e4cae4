import { join } from 'node:path';
import { openProject } from '../../client/project.ts';
import type { Rejection } from '../../engine/errors.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { attempt, changed, RunDriver, rejected, written } from '../ledger/support/run-driver.ts';
import { TestProject } from './test-project.ts';

const SYNC = 'contacts-to-hubspot';
/** Nothing of a record may be on a page: not its key, not its id, not what an API repeats of it. */
export const PRIVATE = ['the-key-of-bob', 'bob@private.test', 'id-of-bob', 'Bobby', '555-0199'];
const REFUSED: Rejection = { reason: 'api-rejected', message: 'Value "Bobby</script><b>" of bob@private.test <i>is not</i> valid', retry: 'never' };
const SENSITIVE: Rejection = { reason: 'api-rejected', message: 'not a number: 555-0199', field: 'phone', retry: 'never' };

/** A project with one run in its ledger, of 60 s from 1,000,000: three segments, a wait of a writer that was killed, answers of each kind. */
export async function pageProject(): Promise<TestProject> {
  const project = new TestProject();
  const ledger = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
  const { definition } = (await openProject({ directory: project.directory, profile: undefined, env: {} })).resolve(SYNC);
  await ledger.saveDefinition('h', `acme/dev/${SYNC}`, JSON.parse(JSON.stringify(definition)), 1);
  const run = await RunDriver.start(ledger, { scope: `acme/dev/${SYNC}`, now: 1_000_000 });
  for (let page = 0; page < 20; page++) {
    run.now = 1_001_000 + page * 2_000 + (page < 10 ? 0 : 15_000);
    await run.stage(Array.from({ length: 10 }, (_, record) => changed(`${page * 10 + record}`)));
    const batch = await run.mustClaim();
    if (page === 10) await run.takeOver(batch.id, batch.token);
    const sentAt = run.now;
    const path = page === 3 ? '/crm/v3/objects/contacts/id-of-bob?email=bob@private.test' : '/crm/v3/objects/contacts/batch/upsert';
    run.now += 200 + page;
    await run.settle(batch, ({ id }) => written(id, { created: page < 15, targetId: `t${id}` }), [
      ...(page === 5 ? [attempt({ sentAt: sentAt - 90, answeredAt: sentAt - 60, status: 429, path })] : []),
      attempt({ sentAt, answeredAt: sentAt + 200 + page, status: page === 8 ? 207 : 200, path }),
    ]);
  }
  await run.stage([rejected('the-key-of-bob', { rejection: REFUSED }), rejected('2', { rejection: SENSITIVE })]);
  await run.close();
  run.now = 1_060_000;
  await run.end();
  await ledger.close();
  return project;
}
