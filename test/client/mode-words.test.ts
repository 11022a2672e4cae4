import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { adoptionWords } from '../../client/starting/print-ends.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { changed, RunDriver } from '../ledger/support/run-driver.ts';
import { TestProject } from './test-project.ts';

const SYNC = 'contacts-to-hubspot';
const FILE = `syncs/${SYNC}.yaml`;

/** A project whose sync has this mode, and an open run of it that may have looked for what has gone. */
async function begin(context: TestContext, mode: string, isWaiting = false) {
  const project = new TestProject({
    [FILE]: `source: { connection: crm, object: contacts }\ntarget: { connection: hubspot, object: contacts, matchOn: email, mode: ${mode} }\nmapping:\n  email: mail\n  lifecyclestage: stage\n`,
  });
  context.after(() => project.remove());
  const ledger = await openLedger({ url: 'sqlite', directory: join(project.directory, '.syncline'), values: 'plain' });
  const scope = `acme/dev/${SYNC}`;
  const first = await RunDriver.start(ledger, { scope });
  await first.stage([changed('1'), changed('2')]);
  await first.writeAll();
  await first.close();
  await first.end();
  const run = await RunDriver.start(ledger, { id: 'r_2', scope });
  if (isWaiting) {
    await run.close();
    await ledger.beginSweep({ runId: run.id, isComplete: true, scope: 'linked', canConfirm: false });
    await ledger.noteSweep(run.id, { state: 'waiting', due: 2, known: 2 });
  }
  await ledger.close();
  const cli = async (...words: string[]) => {
    const { code, stdout, stderr } = await project.cli(words);
    return { code, text: stdout + stderr };
  };
  return { cli };
}

describe('what is said of records that have gone', () => {
  it('is that they are deleted or archived, as the mode says', async (context) => {
    for (const [mode, word] of [
      ['mirror', 'Delete'],
      ['{ archive: { set: { lifecyclestage: other } } }', 'Archive'],
    ] as const) {
      const { cli } = await begin(context, mode, true);
      const listed = await cli('deletes', 'list', 'r_2');
      assert.match(listed.text, new RegExp(`${word} them: +syncline deletes approve r_2\n`), listed.text);
      assert.match((await cli('deletes', 'approve', 'r_2')).text, new RegExp(`${word} 2 records of ${SYNC} in the target\\?`));
      const report = await cli('show', 'r_2');
      assert.match(report.text, new RegExp(`2 records of 2 gone from the source: a person is asked before they are ${word.toLowerCase()}d`), report.text);
      assert.match(report.text, /See what for: +syncline deletes list r_2\n$/);
    }
  });

  it('is that the run has not looked yet, while it reads', async (context) => {
    const { cli } = await begin(context, 'mirror');
    assert.equal((await cli('deletes', 'list', 'r_2')).text, `r_2 of ${SYNC} has not looked yet for what has gone from the source.\n`);
    assert.equal((await cli('deletes', 'list', 'r_1')).text, `✓ r_1 of ${SYNC} found nothing to delete.\n`);
    const other = await begin(context, 'upsert');
    assert.equal((await other.cli('deletes', 'list', 'r_2')).text, `✓ r_2 of ${SYNC} found nothing to delete.\n`);
  });
});

it('what a run will do with what was adopted is said as its mode has it', () => {
  const words = (mode: Parameters<typeof adoptionWords>[0]) => [adoptionWords(mode)['differs'], adoptionWords(mode)['not-in-target']];
  const [changes, creates] = ['in the target, with other values: the next run changes them', 'not in the target: the next run creates them'];
  assert.deepEqual(words('upsert'), [changes, creates]);
  assert.deepEqual(words('update'), [changes, 'not in the target: not created, by mode update']);
  assert.deepEqual(words('insert'), ['in the target, with other values: left as they are, by mode insert', creates]);
});

it('nothing is sent again where the mode leaves what the target has', async (context) => {
  const { cli } = await begin(context, 'insert');
  const { code, text } = await cli('resync', SYNC, '--all', '--yes');
  assert.equal(code, 3, text);
  assert.match(
    text,
    /has mode insert, which leaves what the target has as it is: nothing would be sent again\..+"syncline reconcile contacts-to-hubspot --repair"/,
  );
});
