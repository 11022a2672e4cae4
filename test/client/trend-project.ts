import { join } from 'node:path';
import type { Rejection } from '../../engine/errors.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { attempt, changed, RunDriver, rejected, unchanged, written } from '../ledger/support/run-driver.ts';
import { TestProject } from './test-project.ts';

const SCOPE = 'acme/dev/contacts-to-hubspot';
const HOUR = 3_600_000;
/** Nothing of a record may be on a page. */
export const PRIVATE = ['key-of-bob', 'bob@private.test', 'Bobby'];
const REFUSED: Rejection = { reason: 'api-rejected', message: 'Value "Bobby" of bob@private.test is not valid', retry: 'never' };

/** A project with runs of a sync, twelve hours apart, the last one a day ago: they become slower, and one of them failed. */
export async function trendProject(count: number): Promise<TestProject> {
  const project = new TestProject();
  const ledger = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
  const first = Date.now() - (count + 1) * 12 * HOUR;
  for (let index = 0; index < count; index++) {
    const at = first + index * 12 * HOUR;
    const run = await RunDriver.start(ledger, { id: `r_${String(index).padStart(3, '0')}`, scope: SCOPE, now: at, trigger: 'schedule' });
    const wobble = Math.round(10 * Math.abs(Math.sin(index * 1.7)));
    const records = Array.from({ length: 20 + wobble }, (_, record) => (record % 3 === 0 ? changed(`${index}-${record}`) : unchanged(`u${record}`)));
    await run.stage([...records, ...(index % 4 === 0 ? [rejected(`key-of-bob-${index}`, { rejection: REFUSED })] : [])], {
      bytes: 12_000 + wobble * 700,
      cost: { requests: 12 + wobble, retries: wobble > 8 ? 2 : 0, throttled: wobble > 8 ? 1 : 0 },
    });
    const sentAt = at + 4_000;
    const took = 80 + wobble * 6 + index * 3;
    run.now = sentAt + took;
    await run.settle(await run.mustClaim(), ({ id }) => written(id), [
      ...(wobble > 8 ? [attempt({ sentAt: sentAt - 100, answeredAt: sentAt - 60, status: 429 })] : []),
      attempt({ sentAt, answeredAt: sentAt + took }),
    ]);
    await run.close();
    run.now = at + 20_000 + wobble * 1_500 + index * 1_000;
    await run.end(index === Math.floor(count / 2) ? 'failed' : 'completed');
  }
  await ledger.close();
  return project;
}
